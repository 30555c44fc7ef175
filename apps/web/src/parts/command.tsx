/** A line to run, with a button that copies it where scripts run. */
export function Command({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    <div class="command">
      <pre aria-label={label} tabindex={0}>
        <code>{children}</code>
      </pre>
      <button type="button" data-copy={children} hidden>
        Copy<span class="visually-hidden"> {label}</span>
      </button>
    </div>
  );
}
