// Drives a running server through node-dingtalk as it comes from the registry:
// only its host points here.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import DingTalk from 'node-dingtalk';
import { everyType, oa, writeSamples } from './samples.mjs';
import { startDemo } from './server.mjs';

let demo, organization, app, client, messages, samples, files, media, reader, colleague;

before(async () => {
  demo = await startDemo();
  organization = demo.organizations[0];
  app = organization.apps.find(a => a.kind === 'internal');
  [reader, colleague] = organization.users;
  const dingtalk = new DingTalk({
    host: demo.base_url,
    corpid: organization.corp_id,
    corpsecret: app.app_secret,
  });
  client = dingtalk.client;
  messages = dingtalk.message;
  files = dingtalk.media;
  samples = writeSamples(demo.folder);
  media = {};
  for (const [type, path] of Object.entries(samples)) {
    const answer = await files.upload(type, path);
    assert.equal(answer.type, type);
    media[type] = answer.media_id;
  }
});

after(async () => {
  if (demo) assert.equal(await demo.stop(), 0, 'SIGTERM ends the server cleanly');
});

const call = (api, data, options) =>
  client.post(`topapi/message/corpconversation/${api}`, { agent_id: app.agent_id, ...data }, options);

const send = async (msg, audience = { userid_list: reader.userid }) => {
  const answer = await call('asyncsend_v2', { msg, ...audience });
  assert.equal(answer.errcode, 0);
  assert.ok(Number.isSafeInteger(answer.task_id) && answer.task_id > 0, `task_id ${answer.task_id}`);
  assert.ok(answer.request_id);
  return answer.task_id;
};

const text = content => ({ msgtype: 'text', text: { content } });

const progress = async task_id => (await call('getsendprogress', { task_id })).progress;
const result = async task_id => (await call('getsendresult', { task_id })).send_result;

/** Everyone named is in exactly one list, and nobody else is in any. */
const assertPartition = (got, named) => {
  const listed = [
    got.invalid_user_id_list, got.forbidden_user_id_list, got.failed_user_id_list,
    got.read_user_id_list, got.unread_user_id_list,
  ].flat();
  assert.deepEqual(listed.sort(), [...named].sort());
};

/** Calls our own API as the reader. */
const own = async (path, options = {}) => {
  const answer = await fetch(`${demo.base_url}/api/v1${path}`, {
    ...options,
    headers: { authorization: `Bearer ${reader.api_token}`, 'content-type': 'application/json' },
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
};

const inboxItem = async task_id => {
  const { items } = await own('/inbox/messages?limit=100');
  const found = items.filter(item => item.task_id === String(task_id));
  assert.equal(found.length, 1, `task ${task_id} is in the inbox once`);
  return found[0];
};

/** What the command line answers that the organization's operator types. */
const admin = (...words) => JSON.parse(execFileSync(process.env.TIDINGS_BIN, [
  'admin', '--data', join(demo.folder, 'data'), '--org', organization.corp_id, '--json', ...words,
], { encoding: 'utf8' }));

const pick = (value, ...names) => Object.fromEntries(names.map(name => [name, value[name]]));

const isEmpty = value => value == null || value === '' || (typeof value === 'object' && Object.values(value).every(isEmpty));

const refused = (code, more = {}) => err => {
  assert.equal(err.name, 'DingTalkClientResponseError', err.message);
  assert.equal(err.code, code, err.message);
  for (const [key, value] of Object.entries(more)) assert.equal(err.data[key], value);
  return true;
};

test('every type is accepted, finished and in the inbox', async () => {
  for (const msg of everyType(media)) {
    const task = await send(msg);
    assert.deepEqual(await progress(task), { progress_in_percent: 100, status: 2 }, msg.msgtype);
    const got = await result(task);
    assertPartition(got, [reader.userid]);
    assert.deepEqual(got.unread_user_id_list, [reader.userid]);

    const item = await inboxItem(task);
    assert.equal(item.type, msg.msgtype);
    assert.equal(item.app.agent_id, String(app.agent_id));
    assert.notEqual(item.html, '');
    assert.equal(item.recalled_at, null);
  }
});

test('files come back as they were uploaded', async () => {
  for (const type of ['voice', 'file']) {
    const path = await files.download(media[type], demo.folder, `downloaded-${type}`);
    assert.deepEqual(await readFile(path), await readFile(samples[type]), type);
  }
});

test('an unknown user is reported, the others receive', async () => {
  const named = [reader.userid, colleague.userid, 'nobody-of-that-name'];
  const task = await send(text('The lift is out of order.'), { userid_list: named.join(',') });
  const got = await result(task);
  assertPartition(got, named);
  assert.deepEqual(got.invalid_user_id_list, ['nobody-of-that-name']);
  assert.deepEqual(got.unread_user_id_list.sort(), [reader.userid, colleague.userid].sort());
});

test('the same content reaches a person once a day, and the result says so', async () => {
  const msg = text('Please update your emergency contact.');
  await send(msg);
  const both = `${reader.userid},${colleague.userid}`;
  const got = await result(await send(msg, { userid_list: both }));
  assertPartition(got, [reader.userid, colleague.userid]);
  assert.deepEqual(got.unread_user_id_list, [colleague.userid]);
  assert.deepEqual(got.forbidden_user_id_list, [reader.userid]);
  assert.deepEqual(got.forbidden_list, [{ code: '143106', count: 1, userid: reader.userid }]);
});

test('a department reaches those below it, everyone reaches everyone', async () => {
  const parents = new Map(organization.departments.map(d => [String(d.dept_id), String(d.parent_id)]));
  const within = (dept, top) => dept !== undefined && (dept === top || within(parents.get(dept), top));
  const top = organization.departments.find(d => String(d.parent_id) === '1').dept_id;
  const members = organization.users
    .filter(u => u.dept_ids.some(d => within(String(d), String(top))))
    .map(u => u.userid);
  assertPartition(await result(await send(text('Fire drill at ten.'), { dept_id_list: String(top) })), members);

  const all = organization.users.map(u => u.userid);
  assertPartition(await result(await send(text('Office closed on Friday.'), { to_all_user: true })), all);
});

test('the oldest way to send tells at once whom it does not reach', async () => {
  const told = {
    agentid: String(app.agent_id), touser: `${reader.userid}|nobody-of-that-name`, toparty: '987654321', msgtype: 'text',
    text: { content: 'The canteen opens at noon.' },
  };
  const answer = await messages.send(told);
  assert.equal(answer.invaliduser, 'nobody-of-that-name');
  assert.equal(answer.invalidparty, '987654321');
  assert.equal(answer.forbiddenUserId, '');
  const status = await messages.listMessageStatus(answer.messageId);
  assert.deepEqual([status.read, status.unread], [[], [reader.userid]]);

  const { message_id } = await inboxItem(answer.messageId);
  await own('/inbox/read', { method: 'POST', body: JSON.stringify({ message_ids: [message_id] }) });
  assert.deepEqual((await messages.listMessageStatus(answer.messageId)).read, [reader.userid]);

  const again = await messages.send({ ...told, touser: `${reader.userid}|${colleague.userid}`, toparty: undefined });
  assert.deepEqual([again.invaliduser, again.forbiddenUserId], ['', reader.userid]);
  const everyone = await messages.send({ ...told, touser: '@all', toparty: undefined, text: { content: 'The canteen is closed.' } });
  const { unread } = await messages.listMessageStatus(everyone.messageId);
  assert.deepEqual(unread.sort(), organization.users.map(u => u.userid).sort());

  await assert.rejects(messages.send({ ...told, agentid: '1' }), refused(40056));
  await assert.rejects(messages.send({ ...told, msgtype: 'sonnet', sonnet: {} }), refused(40008));
  await assert.rejects(messages.listMessageStatus('1'), refused(81003));
});

test('people and departments are written with the scope contacts.write, and told to the reads', async () => {
  const { app_secret: corpsecret } = admin('app', 'create', 'Personnel', '--scope', 'contacts.read', '--scope', 'contacts.write');
  const { department, user } = new DingTalk({ host: demo.base_url, corpid: organization.corp_id, corpsecret });

  const { id } = await department.create({ name: 'Archive', parentid: 1, order: 3 });
  await department.update({ id, name: 'Archives' });
  assert.deepEqual(pick(await department.get(id), 'name', 'parentid', 'order'), { name: 'Archives', parentid: 1, order: 3 });

  const clerk = { userid: 'clerk', name: '林涛', mobile: '13800000099', department: [id], position: 'Clerk', jobnumber: '7', isHide: false };
  assert.equal((await user.create(clerk)).userid, clerk.userid);
  await user.create({ ...clerk, userid: 'porter', mobile: '13800000098', position: undefined });
  await user.update({ userid: clerk.userid, name: clerk.name, position: 'Archivist', department: [1, id] });
  assert.deepEqual(
    pick(await user.get(clerk.userid), 'name', 'mobile', 'position', 'jobnumber', 'department'),
    { name: '林涛', mobile: '13800000099', position: 'Archivist', jobnumber: '7', department: [1, id] },
  );
  await assert.rejects(user.create({ ...clerk, userid: 'double' }), refused(60104));
  await assert.rejects(department.delete(id), refused(60005));
  await assert.rejects(user.delete([clerk.userid, 'nobody']), refused(33012));
  assert.ok(await user.get(clerk.userid), 'none of them was deleted');

  await user.delete([clerk.userid, 'porter']);
  assert.equal(await user.get(clerk.userid), undefined);
  await department.delete(id);
  assert.equal(await department.get(id), undefined);
  await assert.rejects(new DingTalk({
    host: demo.base_url, corpid: organization.corp_id, corpsecret: app.app_secret,
  }).user.delete(reader.userid), refused(60011));
});

test('reading shows in the result', async () => {
  const task = await send(text('Your parcel is at the reception.'));
  const { message_id } = await inboxItem(task);
  await own('/inbox/read', { method: 'POST', body: JSON.stringify({ message_ids: [message_id] }) });
  const got = await result(task);
  assertPartition(got, [reader.userid]);
  assert.deepEqual(got.read_user_id_list, [reader.userid]);
  assert.notEqual((await inboxItem(task)).read_at, null);
});

test('the status bar changes in the inbox', async () => {
  const task = await send(oa('Waiting for Wang Fang'));
  assert.match(JSON.stringify((await inboxItem(task)).status_bar), /Waiting for Wang Fang/);
  const answer = await call('status_bar/update', { task_id: task, status_value: 'Agreed', status_bg: '0xFF78C06E' });
  assert.equal(answer.errcode, 0);
  assert.match(JSON.stringify((await inboxItem(task)).status_bar), /Agreed/);
});

test('recall leaves a tombstone, twice is fine', async () => {
  const task = await send(text('Sent by mistake.'));
  assert.match((await inboxItem(task)).preview, /Sent by mistake/);
  for (let i = 0; i < 2; i++) {
    assert.equal((await call('recall', { msg_task_id: task })).errcode, 0);
  }
  const item = await inboxItem(task);
  assert.notEqual(item.recalled_at, null);
  for (const key of ['title', 'preview', 'html', 'body', 'status_bar']) {
    assert.ok(isEmpty(item[key]), `${key} is empty after recall: ${JSON.stringify(item[key])}`);
  }
  assert.doesNotMatch(JSON.stringify(item), /mistake/);
});

test('what is wrong is refused in the form the client knows', async () => {
  const stranger = new DingTalk({ host: demo.base_url, corpid: organization.corp_id, corpsecret: 'wrong' });
  await assert.rejects(stranger.client.getAccessToken(), { name: 'DingTalkClientResponseError' });

  const audience = { userid_list: reader.userid };
  await assert.rejects(call('asyncsend_v2', { ...audience, msg: text('x'), agent_id: 1 }), refused(40056));
  await assert.rejects(call('asyncsend_v2', { msg: text('x') }), refused(40035));
  await assert.rejects(call('asyncsend_v2', { ...audience, msg: { msgtype: 'sonnet' } }), refused(40008));
  await assert.rejects(call('getsendresult', { task_id: 1 }), refused(40035));
  await assert.rejects(
    call('asyncsend_v2', { ...audience, msg: text('x') }, { accessToken: 'made.up' }),
    refused(88, { sub_code: '40014' }),
  );
});
