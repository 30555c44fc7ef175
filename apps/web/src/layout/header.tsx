/** The registry's name, the search, and the ways in. */
export function Header({ query }: { readonly query: string | undefined }) {
  return (
    <header class="site-header">
      <div class="frame">
        <a class="wordmark" href="/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path
              d="M16 30V14M16 22c-7 0-9-4-9-9 6 0 9 3 9 9Zm0-6c0-7 3-11 10-12 0 8-3 12-10 12Z"
              fill="none"
              stroke="currentColor"
              stroke-width="2.5"
              stroke-linejoin="round"
              stroke-linecap="round"
            />
          </svg>
          Graft
        </a>
        <form action="/search" role="search">
          <label class="visually-hidden" for="site-search">
            Search adapters
          </label>
          <input
            id="site-search"
            type="search"
            name="q"
            value={query ?? ""}
            placeholder="Search adapters"
            maxlength={200}
            autocomplete="off"
          />
        </form>
        <nav aria-label="Site">
          <a href="/fits">What fits my model?</a>
          <a href="/bases">Bases</a>
          <a href="/account">Account</a>
        </nav>
      </div>
    </header>
  );
}
