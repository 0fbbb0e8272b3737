import { ask, client } from '../../../shared/api/client';
import type { Matches } from './names';

export function matchLines(org: string, agent: string, lines: string[]): Promise<Matches> {
  return ask(client.POST('/api/v1/people/match', { params: { query: { org } }, body: { agent_id: agent, lines } }));
}

const types = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** A file as it is; what its name ends in says what it is. */
export function matchFile(org: string, agent: string, file: File): Promise<Matches> {
  const type = /\.xlsx$/i.test(file.name) ? types.xlsx : types.csv;
  return ask(
    client.POST('/api/v1/people/match', {
      params: { query: { org, agent_id: agent } },
      body: file as never, // the description knows the JSON only
      bodySerializer: () => file,
      headers: { 'Content-Type': type },
    }),
  );
}
