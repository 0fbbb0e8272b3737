// Files that are sent, or shown: the server keeps them under a media id.

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, client, Refused } from '../../shared/api/client';
import { t } from '../../shared/words';
import { refusalText } from '../shell/refusal';
import { useOrg } from '../shell/session';

export type Uploaded = 'image' | 'file' | 'voice';

/** The endings of files that the server takes, of each kind. */
export const endings: Readonly<Record<Uploaded, string>> = {
  image: '.jpg,.jpeg,.png,.gif,.bmp',
  file: '.doc,.docx,.xls,.xlsx,.ppt,.pptx,.zip,.pdf,.rar',
  voice: '.amr,.mp3,.wav',
};

const mebibyte = 1 << 20;

/** The most bytes of a file of each kind. */
const most: Readonly<Record<Uploaded, number>> = { image: 20 * mebibyte, file: 20 * mebibyte, voice: 2 * mebibyte };

export interface Media {
  media_id: string;
  name: string;
  size: number;
}

/** A file that has just been uploaded; the browser can show it, which is not kept in drafts. */
export interface Stored extends Media {
  url: string;
}

/** What uploads are known by, so that nothing is sent while one goes on. */
export const uploads = ['upload'] as const;

export interface Upload {
  start: (file: File) => void;
  busy: boolean;
  /** Which part of the file has gone, from 0 to 1. */
  sent: number;
  /** What went wrong; empty where nothing did. */
  wrong: string;
  /** What was uploaded last. */
  stored: Stored | undefined;
}

/** Uploads a file at a time, of one kind, for an app. */
export function useUpload(agent: string, kind: Uploaded, onStored: (stored: Stored, file: File) => unknown): Upload {
  const org = useOrg();
  const [sent, setSent] = useState(0);
  const send = useMutation({
    mutationKey: uploads,
    mutationFn: (file: File) => {
      setSent(0);
      return upload(org, agent, kind, file, setSent);
    },
    onSuccess: onStored,
  });
  const wrong = send.isError ? uploadWrong(send.error) : '';
  return { start: send.mutate, busy: send.isPending, sent, wrong, stored: send.data };
}

/** Uploads a file, to be sent as what it is said to be; one that is too large is not even begun. */
async function upload(
  org: string,
  agent: string,
  type: Uploaded,
  file: File,
  onSent: (part: number) => void,
): Promise<Stored> {
  if (file.size > most[type]) {
    const limits = { limit: most[type], actual: file.size };
    throw new Refused(413, 'media_too_large', '', limits as Refused['problem']);
  }
  const form = new FormData();
  form.set('type', type);
  form.set('file', file);
  const { media_id, name, size, url } = await ask(
    client.POST('/api/v1/apps/{agent_id}/media', {
      params: { query: { org }, path: { agent_id: agent } },
      body: form as never, // the description has its fields
      bodySerializer: () => form,
      fetch: sending(form, onSent),
    }),
  );
  return { media_id, name, size, url };
}

/** A fetch that sends a form, and tells how much of it has gone: the browser's own does not. */
function sending(form: FormData, onSent: (part: number) => void) {
  return ({ method, url }: Request): Promise<Response> =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0);
      request.onload = () => resolve(new Response(request.response, { status: request.status }));
      request.onerror = () => reject(new TypeError('the upload has not arrived'));
      request.send(form);
    });
}

function uploadWrong(error: unknown): string {
  if (error instanceof Refused && (error.code === 'media_too_large' || error.code === 'body_too_large')) {
    const { limit = 0, actual = 0 } = error.problem ?? {};
    return t(actual > limit ? 'media.tooLarge' : 'media.overLimit', { limit: inMiB(limit), actual: inMiB(actual) });
  }
  return refusalText(error);
}

/** Mebibytes with a digit after the point, rounded up: what is over a limit never reads as the limit. */
function inMiB(bytes: number): string {
  return String(Math.ceil((bytes / mebibyte) * 10) / 10);
}
