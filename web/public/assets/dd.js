// What an app's page loads instead of DingTalk's script, under the same names: it
// asks the inbox that has opened the page, in a tab or beside the stream, for a code by
// which the app's server learns who that was, or sends because of what they have just done
// there (docs/contract.md#page-codes).

(() => {
  const home = new URL(document.currentScript.src).origin;
  const inbox = window.parent === window ? window.opener : window.parent;
  const patience = 10_000; // ms
  const asked = new Map();

  addEventListener('message', (e) => {
    if (inbox === null || e.source !== inbox || e.origin !== home || typeof e.data?.tidings !== 'string') {
      return;
    }
    const { id, code, error } = e.data;
    asked.get(id)?.(code, error);
  });

  const failure = (errorMessage, errorCode = '-1') => ({ errorCode, errorMessage });

  const ask = (tidings, { corpId, clientId, agentId }) =>
    new Promise((done, fail) => {
      if (inbox === null) {
        fail(failure('the page was not opened from the inbox of Tidings'));
        return;
      }
      const id = crypto.getRandomValues(new Uint32Array(2)).join('-');
      const late = setTimeout(() => asked.get(id)?.(undefined, 'the inbox does not answer'), patience);
      asked.set(id, (code, error) => {
        clearTimeout(late);
        asked.delete(id);
        if (typeof code === 'string') {
          done({ code });
        } else {
          fail(failure(String(error)));
        }
      });
      // Nothing here is secret: whoever may not ask gets no answer.
      inbox.postMessage(
        { tidings, id, corpId: corpId ?? '', clientId: clientId ?? '', agentId: `${agentId ?? ''}` },
        home,
      );
    });

  const nothing = () => {};
  // Every version of the names: callbacks of two kinds, and a promise.
  const asking =
    (tidings) =>
    (options = {}) => {
      const answer = ask(tidings, options);
      answer.then(options.onSuccess ?? options.success ?? nothing, options.onFail ?? options.fail ?? nothing);
      return answer;
    };
  const requestAuthCode = asking('requestAuthCode');
  const requestOperateAuthCode = asking('requestOperateAuthCode');

  const agent = navigator.userAgent;
  const device = /android/i.test(agent) ? 'android' : /iphone|ipad|ipod/i.test(agent) ? 'ios' : 'pc';
  const platform = inbox === null ? 'notInDingTalk' : device;
  window.dd = {
    env: { platform, appType: 'WEB' },
    pc: platform === 'pc',
    android: platform === 'android',
    ios: platform === 'ios',
    config: nothing, // nothing checks signatures
    ready: (call) => void Promise.resolve().then(call),
    error: nothing,
    requestAuthCode,
    getAuthCode: requestAuthCode,
    requestOperateAuthCode,
    runtime: { permission: { requestAuthCode, requestOperateAuthCode } },
  };
})();
