// Grounds for white letters: each reaches 4.5:1 against white.
const grounds = [
  '#0958d9',
  '#087a6b',
  '#7a3fd1',
  '#b3388a',
  '#a3520b',
  '#c9261d',
  '#1a7f37',
  '#3f5b8c',
  '#6b5d00',
  '#00708f',
];

/** An app's or a person's sign: a picture, else the first character of the name. */
export function Avatar(props: { name: string; icon?: string; round?: boolean; size?: number }) {
  const size = props.size ?? 36;
  const style = { width: size, height: size, fontSize: Math.round(size * 0.44), background: ground(props.name) };
  const kind = props.round ? 'avatar round' : 'avatar';
  if (props.icon) {
    return <img className={kind} src={props.icon} alt="" style={{ width: size, height: size }} />;
  }
  return (
    <span className={kind} style={style} aria-hidden="true">
      {firstCharacter(props.name)}
    </span>
  );
}

export function ground(name: string): string {
  let hash = 0;
  for (const character of name) {
    hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  }
  return grounds[hash % grounds.length] ?? '#0958d9';
}

function firstCharacter(name: string): string {
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim());
  const first = segments[Symbol.iterator]().next().value?.segment ?? '·';
  return first.toUpperCase();
}
