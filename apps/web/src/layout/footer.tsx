/** What is good to have at hand on every page. */
export function Footer() {
  return (
    <footer class="site-footer">
      <div class="frame">
        <ul>
          <li>
            <a href="/search">All adapters</a>
          </li>
          <li>
            <a href="/reference">Protocol reference</a>
          </li>
          <li>
            <a href="/feed.xml">Feed of new versions</a>
          </li>
          <li>Nothing on these pages is loaded from elsewhere.</li>
        </ul>
      </div>
    </footer>
  );
}
