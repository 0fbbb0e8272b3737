// Templates to begin with, in either language.

import type { Language } from '../../../shared/words';
import type { FormRequest } from './form';

const at = (name: string) => `$${`{${name}}`}`;

export const samples: Readonly<Record<Language, readonly FormRequest[]>> = {
  zh: [
    {
      kind: 'markdown',
      name: '停电通知',
      use_case: '办公区计划停电前，通知受影响的同事。',
      title: '停电通知',
      content: `**${at('area')}将停电**\n\n- 时间：${at('time')}\n- 原因：${at('cause')}\n\n请提前保存工作并关闭电脑。`,
      parameters: [
        { name: 'area', description: '停电的区域', sample: '三楼东区' },
        { name: 'time', description: '停电的时间', sample: '周六 8:00–12:00' },
        { name: 'cause', description: '停电的原因', sample: '更换配电箱' },
      ],
    },
    {
      kind: 'action_card',
      name: '报销待审批',
      use_case: '有报销单需要审批时，通知审批人。',
      title: '报销待审批',
      content: `**${at('person')}提交了报销单**\n\n- 事由：${at('about')}\n- 金额：${at('amount')}`,
      actions: [{ title: '去审批', url: `https://example.com/expenses?id=${at('claim_url')}` }],
      parameters: [
        { name: 'person', description: '提交人', sample: '林晓雨' },
        { name: 'about', description: '报销事由', sample: '差旅' },
        { name: 'amount', description: '金额', sample: '¥1,286.00' },
        { name: 'claim_url', description: '报销单号，用于链接', sample: 'E-1029' },
      ],
    },
    {
      kind: 'form',
      name: '请假结果',
      use_case: '请假审批结束后，通知申请人。',
      head_text: '人事',
      head_color: 'FF0958D9',
      title: '请假审批结果',
      content: '如有疑问，请联系你的人事专员。',
      rows: [
        { key: '类型', value: at('type') },
        { key: '时间', value: at('time') },
        { key: '结果', value: at('result') },
      ],
      mobile_url: `https://example.com/leave?id=${at('leave_url')}`,
      parameters: [
        { name: 'type', description: '假期类型', sample: '年假' },
        { name: 'time', description: '起止时间', sample: '12月3日–12月5日' },
        { name: 'result', description: '审批结果', sample: '同意' },
        { name: 'leave_url', description: '请假单号，用于链接', sample: 'L-207' },
      ],
    },
  ],
  en: [
    {
      kind: 'markdown',
      name: 'Power cut',
      use_case: 'Tells those affected that the power goes off in their part of the office.',
      title: 'Power cut',
      content: `**No power in ${at('area')}**\n\n- When: ${at('time')}\n- Why: ${at('cause')}\n\nPlease save your work and switch your computer off before.`,
      parameters: [
        { name: 'area', description: 'where the power goes off', sample: 'the third floor' },
        { name: 'time', description: 'when', sample: 'Saturday, 8:00 to 12:00' },
        { name: 'cause', description: 'why', sample: 'a new switchboard' },
      ],
    },
    {
      kind: 'action_card',
      name: 'Expenses to approve',
      use_case: 'Tells whoever approves expenses that a claim waits.',
      title: 'Expenses to approve',
      content: `**${at('person')} has claimed expenses**\n\n- For: ${at('about')}\n- Amount: ${at('amount')}`,
      actions: [{ title: 'Look at it', url: `https://example.com/expenses?id=${at('claim_url')}` }],
      parameters: [
        { name: 'person', description: 'who claims', sample: 'Wen Carter' },
        { name: 'about', description: 'what for', sample: 'travel' },
        { name: 'amount', description: 'how much', sample: '£1,286.00' },
        { name: 'claim_url', description: 'number of the claim, in the link', sample: 'E-1029' },
      ],
    },
    {
      kind: 'form',
      name: 'Leave decided',
      use_case: 'Tells whoever asked for leave what was decided.',
      head_text: 'People',
      head_color: 'FF0958D9',
      title: 'Your leave',
      content: 'Ask your HR partner if anything is unclear.',
      rows: [
        { key: 'Kind', value: at('type') },
        { key: 'When', value: at('time') },
        { key: 'Decision', value: at('result') },
      ],
      mobile_url: `https://example.com/leave?id=${at('leave_url')}`,
      parameters: [
        { name: 'type', description: 'kind of leave', sample: 'annual leave' },
        { name: 'time', description: 'from and to', sample: '3 to 5 December' },
        { name: 'result', description: 'what was decided', sample: 'approved' },
        { name: 'leave_url', description: 'number of the request, in the link', sample: 'L-207' },
      ],
    },
  ],
};
