// Runs before anything is drawn, so that a page in the dark does not flash:
// which theme it shows is the reader's choice, else the system's. A file of
// its own, since the page's policy allows no script inside the page.
(() => {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const show = () => {
    let kept = null;
    try {
      kept = localStorage.getItem('tidings.theme');
    } catch {
      // A browser that keeps nothing shows the system's.
    }
    const theme = kept === 'light' || kept === 'dark' ? kept : system.matches ? 'dark' : 'light';
    document.documentElement.dataset.theme = theme;
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
      meta.content = theme === 'dark' ? '#1B1E21' : '#FFFFFF';
    }
  };
  show();
  system.addEventListener('change', show);
  addEventListener('storage', show); // another tab
  addEventListener('tidings-theme', show); // this one
})();
