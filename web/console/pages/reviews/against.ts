/** What an address says of the version to compare with. */
export function againstSearch(search: Record<string, unknown>): { against?: string } {
  return typeof search.against === 'string' && /^[1-9]\d{0,5}$/.test(search.against) ? { against: search.against } : {};
}
