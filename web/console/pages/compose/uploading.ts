import { ask, client } from '../../../shared/api/client';
import type { Media, Uploaded } from './content';

/** Uploads a file, to be sent as what it is said to be. */
export async function upload(org: string, agent: string, type: Uploaded, file: File): Promise<Media> {
  const form = new FormData();
  form.set('type', type);
  form.set('file', file);
  const { media_id, name, size } = await ask(
    client.POST('/api/v1/apps/{agent_id}/media', {
      params: { query: { org }, path: { agent_id: agent } },
      body: form as never, // the description has its fields
      bodySerializer: () => form,
    }),
  );
  return { media_id, name, size };
}
