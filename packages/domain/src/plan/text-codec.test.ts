import { describe, expect, it } from 'vitest';
import { decodeText, encodings } from './text-codec.ts';

const cell = { form: 'cell', dressed: false } as const;
const name = { form: 'cell', dressed: true } as const;

describe('values and the bytes of their places', () => {
  it('reads an escaped pipe as a pipe and <br> as a line break', () => {
    expect(decodeText(' one \\| two<br>three<BR/>four ', cell)).toBe('one | two\nthree\nfour');
  });

  it('writes a pipe escaped and a line break as <br>', () => {
    expect(encodings('one | two\nthree', cell, false)[0]).toBe('one \\| two<br>three');
  });

  it('takes bold around a whole name for dress, and keeps it', () => {
    expect(decodeText('**Oven**', name)).toBe('Oven');
    expect(encodings('Stove', name, true)[0]).toBe('**Stove**');
  });

  it('leaves bold within a text alone', () => {
    expect(decodeText('**Oven**', cell)).toBe('**Oven**');
    expect(decodeText('**big** and **small**', name)).toBe('**big** and **small**');
  });

  it('reads an empty place as null and writes null as nothing', () => {
    expect(decodeText('   ', cell)).toBeNull();
    expect(encodings(null, cell, false)).toEqual(['']);
  });

  it('joins the lines of a wrapped paragraph with a blank', () => {
    expect(decodeText('one\r\n  two\n> three', { form: 'line', dressed: false })).toBe('one two three');
  });
});
