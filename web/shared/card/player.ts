// A voice message: played here if the browser can, else kept as a file.

import { t } from '../words';
import { download, durationText, icon, make } from './files';

const playing = 'M9 6v12M15 6v12';
const paused = 'M8 5.5v13l10-6.5z';

/** Fills in a card's recording. Seconds is its length as the sender said. */
export function showRecording(element: HTMLElement, seconds: number, type: string, name: string): void {
  const source = element.dataset.src;
  if (!source) {
    element.replaceChildren(make('span', 'file-about', t('voice.missing')));
    return;
  }
  const length = make('span', 'voice-time', durationText(seconds));
  if (type && document.createElement('audio').canPlayType(type) === '') {
    const about = make('span', 'file-about', t('voice.download'));
    element.replaceChildren(about, length, download(source, name, t('file.download')));
    return;
  }
  element.replaceChildren(...player(source, seconds, length));
}

// One recording at a time: whoever starts stops the one before.
let current: HTMLAudioElement | undefined;

function player(source: string, seconds: number, length: HTMLElement): HTMLElement[] {
  const button = make('button', 'voice-play');
  button.type = 'button';
  const progress = make('progress', 'voice-progress');
  progress.max = Math.max(1, seconds);
  progress.value = 0;
  progress.setAttribute('aria-label', t('voice.progress'));
  let audio: HTMLAudioElement | undefined;

  const show = () => {
    const on = audio !== undefined && !audio.paused;
    button.replaceChildren(icon(on ? playing : paused));
    button.setAttribute('aria-label', t(on ? 'voice.pause' : 'voice.play'));
    const at = audio?.currentTime ?? 0;
    const whole = audio && Number.isFinite(audio.duration) ? audio.duration : Math.max(1, seconds);
    progress.max = whole;
    progress.value = Math.min(at, whole);
    length.textContent = durationText(on || at > 0 ? whole - at : seconds);
  };
  const broken = () => {
    length.textContent = t('voice.failed');
    button.disabled = true;
  };
  button.addEventListener('click', () => {
    if (!audio) {
      audio = new Audio(source);
      for (const event of ['play', 'pause', 'timeupdate', 'durationchange']) {
        audio.addEventListener(event, show);
      }
      audio.addEventListener('ended', () => {
        if (audio) {
          audio.currentTime = 0;
        }
        show();
      });
      audio.addEventListener('error', broken);
    }
    if (!audio.paused) {
      audio.pause();
      return;
    }
    if (current !== audio) {
      current?.pause();
      current = audio;
    }
    audio.play().catch(broken);
  });
  show();
  return [button, progress, length];
}
