// What is built into dist: one page after the other, each by a build of its own
// with its own words (NAME/words), React and budget.

export const entries = [
  // React is Preact here: a third of the size, and the same words.
  { name: 'inbox', page: 'index.html', preact: true, budget: { all: 100 } }, // kB gzip of script and workers
  { name: 'oauth', page: 'oauth.html', preact: true, budget: { all: 40 } },
  { name: 'setup', page: 'setup.html', preact: true, budget: { all: 40 } },
  { name: 'console', page: 'console.html', preact: false, budget: { first: 450, later: 200 } },
];
