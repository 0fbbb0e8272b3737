// Small files that are what their names say: the server looks at the content.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAwAAAAICAIAAABChommAAAAEUlEQVR42mNQ6rhLEDGMKgIAhHSSoRsSlGgAAAAASUVORK5CYII=',
  'base64',
);

// One second of AMR at 12.2 kbit/s: a header and 50 frames of 20 ms.
const amr = Buffer.concat([
  Buffer.from('#!AMR\n'),
  ...Array.from({ length: 50 }, () => Buffer.concat([Buffer.from([0x3c]), Buffer.alloc(31)])),
]);

const pdf = Buffer.from(`%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`);

/** Writes the samples into folder and returns their paths by media type. */
export function writeSamples(folder) {
  const write = (name, bytes) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  return {
    image: write('canteen.png', png),
    voice: write('greeting.amr', amr),
    file: write('minutes.pdf', pdf),
  };
}

/** One message of each of the eight types, told apart by what they say. */
export function everyType(media) {
  return [
    { msgtype: 'text', text: { content: 'Your leave from Monday is approved.' } },
    { msgtype: 'image', image: { media_id: media.image } },
    { msgtype: 'voice', voice: { media_id: media.voice, duration: '1' } },
    { msgtype: 'file', file: { media_id: media.file } },
    {
      msgtype: 'link',
      link: {
        messageUrl: 'https://intranet.example.com/news/7',
        picUrl: media.image,
        title: 'New canteen menu',
        text: 'Soup every day from next week.',
      },
    },
    oa('Pending'),
    { msgtype: 'markdown', markdown: { title: 'Build 128', text: '## Build 128\n\n- **passed** in 6 minutes' } },
    {
      msgtype: 'action_card',
      action_card: {
        title: 'Expense report',
        markdown: '### Expense report\n\n320.00 for a train journey',
        btn_orientation: '1',
        btn_json_list: [
          { title: 'Approve', action_url: 'https://erp.example.com/expenses/9/approve' },
          { title: 'Refuse', action_url: 'https://erp.example.com/expenses/9/refuse' },
        ],
      },
    },
  ];
}

/** An oa message whose status bar says status. */
export function oa(status) {
  return {
    msgtype: 'oa',
    oa: {
      message_url: 'https://erp.example.com/leave/42',
      head: { bgcolor: 'FFBBBBBB', text: 'Leave' },
      status_bar: { status_value: status, status_bg: '0xFFFF9D46' },
      body: {
        title: 'Leave request of Li Wei',
        form: [{ key: 'From', value: 'Monday' }, { key: 'Days', value: '3' }],
        rich: { num: '3', unit: 'days' },
        content: 'Waiting for your decision',
        author: 'Li Wei',
      },
    },
  };
}
