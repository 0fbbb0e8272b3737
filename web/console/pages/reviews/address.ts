import type { TemplateReview } from './queries';

/** The address of a review: /reviews/$agent/$id/$n. */
export function addressOf(review: TemplateReview): { agent: string; id: string; n: string } {
  const { template_id: id, newest } = review.template;
  return { agent: review.agent_id, id, n: String(newest.number) };
}
