import { describe, expect, it } from 'vitest';
import { moved, placeAt } from '../../form/texts';
import { editable, emptyForm, headingToBold, kinds, parametersIn, pictureToImage, same, withParameters } from './form';

const text = (content: string) => ({ ...emptyForm('markdown'), content });

describe('the parameters of a form', () => {
  it('are found in all texts but the title, each once', () => {
    const form = {
      ...emptyForm('buttons'),
      title: '$' + '{no}',
      content: 'a $' + '{b} $' + '{a} $' + '{b} $' + '{1x} $x',
      actions: [{ title: '$' + '{c}', url: 'https://example.com/?q=$' + '{d}' }],
    };
    expect(parametersIn(form)).toEqual(['b', 'a', 'c', 'd']);
  });

  it('come and go with the text, and what was described stays', () => {
    const one = withParameters(text('$' + '{who}'));
    expect(one.parameters).toEqual([{ name: 'who', description: '', sample: '' }]);
    expect(withParameters({ ...one, content: '' }).parameters).toEqual([]);
    const described = { ...one, content: '$' + '{day}', parameters: [{ name: 'who', description: 'x' }] };
    expect(withParameters(described).parameters?.map((p) => p.name)).toEqual(['who', 'day']);
    expect(withParameters(one)).toBe(one);
  });
});

describe('corrections', () => {
  it('make a heading bold', () => {
    expect(headingToBold(text('a\n\n## Hello ##\nb'), 3).content).toBe('a\n\n**Hello**\nb');
    expect(headingToBold(text('a'), 7).content).toBe('a');
  });

  it('make a picture in the text the picture of the template', () => {
    const form = pictureToImage(text('a\nb ![c](https://example.com/p.png "t")'), 2);
    expect([form.content, form.image]).toEqual(['a\nb', 'https://example.com/p.png']);
    expect(pictureToImage(text('none'), 1).image).toBeUndefined();
  });

  it('move what is in a list, within it', () => {
    expect([moved([1, 2, 3], 1, 0), moved([1, 2, 3], 0, -1), moved([1, 2, 3], 0, 2)]).toEqual([
      [2, 1, 3],
      [1, 2, 3],
      [2, 3, 1],
    ]);
    expect([5, 15, 25, 99].map((at) => placeAt([10, 20, 30], at))).toEqual([0, 1, 2, 3]);
  });
});

it('tells whether two forms say the same, whatever is left out of either', () => {
  const stored = {
    kind: 'markdown',
    name: 'a',
    use_case: '',
    title: '',
    content: 'x',
    side_by_side: false,
    actions: [],
  };
  expect(same(editable(stored), { kind: 'markdown', content: 'x', name: 'a' })).toBe(true);
  expect(same(editable(stored), { kind: 'markdown', content: 'y', name: 'a' })).toBe(false);
  expect(kinds.every((k) => same(emptyForm(k), emptyForm(k)))).toBe(true);
});
