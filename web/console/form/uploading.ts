// Files that are sent, or shown: the server keeps them under a media id.

import { ask, client } from '../../shared/api/client';

export type Uploaded = 'image' | 'file' | 'voice';

/** The endings of files that the server takes, of each kind. */
export const endings: Readonly<Record<Uploaded, string>> = {
  image: '.jpg,.jpeg,.png,.gif,.bmp',
  file: '.doc,.docx,.xls,.xlsx,.ppt,.pptx,.zip,.pdf,.rar',
  voice: '.amr,.mp3,.wav',
};

export interface Media {
  media_id: string;
  name: string;
  size: number;
}

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
