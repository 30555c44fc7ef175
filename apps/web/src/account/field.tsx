/** A labelled field of a form, with what it wants said beneath. */
export interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "password" | "email" | "number";
  readonly value?: string | undefined;
  readonly hint?: string;
  readonly autocomplete?: string;
  readonly required?: boolean;
}

/** One field; the label is its name to every reader. */
export function Field({ name, label, type = "text", value, hint, autocomplete = "off", required = true }: FieldProps) {
  const id = `field-${name}`;
  return (
    <p>
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type}
        value={value ?? ""}
        autocomplete={autocomplete}
        required={required}
        {...(hint === undefined ? {} : { "aria-describedby": `${id}-hint` })}
      />
      {hint === undefined ? null : (
        <span class="small quiet-text" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </p>
  );
}

/** What went wrong with a form, where a reader is told first. */
export function FormProblem({
  problem,
}: {
  readonly problem: { readonly message: string; readonly hint?: string | undefined } | undefined;
}) {
  if (problem === undefined) return null;
  return (
    <div class="notice bad" role="alert">
      <p>{problem.message}</p>
      {problem.hint === undefined ? null : <p>{problem.hint}</p>}
    </div>
  );
}

/** A problem that a form shows: message and hint of an error. */
export interface ShownProblem {
  readonly message: string;
  readonly hint?: string | undefined;
}
