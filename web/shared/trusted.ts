// Trusted Types: the page's policy lets no string become markup or a script's
// address. What may is made here: cards, which the server has sanitized, and
// our own worker.

const policy = window.trustedTypes?.createPolicy('tidings', {
  createHTML: (html: string) => html,
  createScriptURL: (url: string) => {
    if (new URL(url, location.href).origin !== location.origin) {
      throw new TypeError('a script from another host');
    }
    return url;
  },
});

/** Markup that the server has rendered and sanitized. Nothing else may come here. */
export function sanitizedByServer(html: string): string {
  return policy ? (policy.createHTML(html) as unknown as string) : html;
}

/** The address of a worker that was built with the page. */
export function ownScript(url: string): string {
  return policy ? (policy.createScriptURL(url) as unknown as string) : url;
}
