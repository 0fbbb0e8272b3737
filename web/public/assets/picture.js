// Shows the one picture named in the fragment, from another host, which the
// reader has asked for. It runs in a frame with an origin of its own: the page
// around it never loads anything foreign, and this one can reach nothing of it.
// Opened by itself it shows nothing: a picture under our address would look as
// if it were ours.

const address = decodeURIComponent(location.hash.slice(1));
const say = (message) => parent.postMessage({ picture: address, ...message }, '*');
if (parent !== window && /^https?:\/\//.test(address)) {
  const picture = new Image();
  picture.referrerPolicy = 'no-referrer';
  picture.alt = '';
  picture.onload = () => say({ width: picture.naturalWidth, height: picture.naturalHeight });
  picture.onerror = () => say({ failed: true });
  picture.src = address;
  document.body.append(picture);
}
