import { Page } from "../layout/page.tsx";

const TITLES: Readonly<Record<number, string>> = { 403: "Not yours to see", 404: "Not found", 410: "Withdrawn" };

/** What went wrong, and where to go from here. */
export function Problem({
  status,
  message,
  hint,
}: {
  readonly status: number;
  readonly message: string;
  readonly hint?: string | undefined;
}) {
  const title = TITLES[status] ?? (status >= 500 ? "Something broke here" : "That did not work");
  return (
    <Page title={title}>
      <h1>{title}</h1>
      <p class="lead">{message}</p>
      {hint === undefined ? null : <p>{hint}</p>}
      <p class="row">
        <a class="button" href="/search">
          Search adapters
        </a>
        <a class="button quiet" href="/">
          First page
        </a>
      </p>
    </Page>
  );
}
