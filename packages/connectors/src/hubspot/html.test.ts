import { describe, expect, it } from 'vitest';
import { decodeHtml, encodeHtml } from './html.ts';

describe('text in a task body', () => {
  it.each([
    ['one line', 'Call everybody'],
    ['lines, an empty one among them', 'One\n\nTwo'],
    ['blanks that mean something', '  indented  twice \n\ttabbed\r\n'],
    ['only line ends', '\n\n'],
    ['what looks like markup', 'a < b && c > d; <b>not bold</b> &amp; &#65; "quoted"'],
    ['emoji with joiners, marks and right-to-left text (I04)', '👩‍👩‍👧‍👦 é שלום \u00a0 ‮x'],
    ['lists as people type them', '- one\n- two\n1. three\n## four'],
  ])('S9 PutGet: %s', (_, text) => {
    expect(decodeHtml(encodeHtml(text, null))).toBe(text);
    expect(decodeHtml(encodeHtml(text, '<div><p>old</p><ul><li>x</li></ul></div>'))).toBe(text);
  });

  it('I05 markup in a text is inert text', () => {
    const html = encodeHtml('<script>alert(1)</script>\n<img src=x onerror=alert(1)>\n<a href="javascript:alert(1)">go</a>', null);
    expect(html).toBe(
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p><p>&lt;img src=x onerror=alert(1)&gt;</p><p>&lt;a href=&quot;javascript:alert(1)&quot;&gt;go&lt;/a&gt;</p>',
    );
  });

  it('null and an empty text clear the body, and an empty body is none', () => {
    expect(encodeHtml(null, '<p>old</p>')).toBe('');
    expect(encodeHtml('', null)).toBe('');
    expect(decodeHtml('')).toBeNull();
    expect(decodeHtml(null)).toBeNull();
  });
});

describe('bodies that people wrote in HubSpot', () => {
  it.each([
    [
      'paragraphs in a wrapper',
      '<div style="" dir="auto" data-top-level="true"><p style="margin:0;">One</p><p style="margin:0;"><br></p><p>Two</p></div>',
      'One\n\nTwo',
    ],
    ['line breaks, the last of which ends nothing', '<p>One<br>Two<br></p>', 'One\nTwo'],
    ['lists, nested', '<ul><li>a</li><li>b<ol><li>c</li><li><p>d</p></li></ol></li></ul>', '- a\n- b\n  1. c\n  2. d'],
    ['headings', '<h1>Goal</h1><h3>Why</h3>', '# Goal\n### Why'],
    ['a table', '<table><tbody><tr><td>a</td><td>b</td></tr>\n<tr><td>c</td><td></td></tr></tbody></table>', 'a | b\nc | '],
    [
      'marks and links',
      '<p>Call <strong>all</strong> of <a href="https://x.example/?a=1&amp;b=2">them</a>&nbsp;now &amp; then</p>',
      'Call all of them\u00a0now & then',
    ],
    [
      'pictures',
      '<p>See <img src="https://x.example/1.png" alt="the funnel"></p><p><img src="2.png"></p>',
      'See [image: the funnel]\n[image]',
    ],
    ['comments, scripts and styles are not words', '<!-- c --><style>p{}</style><p>a<script>let b = "<p>";</script></p>', 'a'],
    ['source in lines', '<div>\n  <p>\n    One\n    two\n  </p>\n  <p>Three</p>\n</div>\n', 'One two\nThree'],
    ['text with no block', 'just words<br>and more', 'just words\nand more'],
    ['code', '<pre>a\n  b</pre>', 'a\n  b'],
    ['a bare less-than sign', '<p>a < b</p>', 'a < b'],
  ])('S9 GetPut: %s reads as text, and the same text leaves it byte for byte', (_, html, text) => {
    expect(decodeHtml(html)).toBe(text);
    expect(encodeHtml(text, html)).toBe(html);
  });

  it.each([
    [
      'a paragraph changes, formatting of the others stays',
      '<div dir="auto"><p>One <b>bold</b></p><p style="margin:0">Two</p><p><a href="https://x.example">link</a></p></div>',
      'One bold\nTwo and a half\nlink',
      '<div dir="auto"><p>One <b>bold</b></p><p style="margin:0">Two and a half</p><p><a href="https://x.example">link</a></p></div>',
    ],
    ['a line goes, a picture stays', '<p>One</p><p><img src="1.png"></p><p>Two</p>', 'One\n[image]', '<p>One</p><p><img src="1.png"></p>'],
    ['a line comes after a paragraph', '<p>One</p><p><i>Two</i></p>', 'One\nand\nTwo', '<p>One</p><p>and</p><p><i>Two</i></p>'],
    ['a line comes first', '<p><i>Two</i></p>', 'One\nTwo', '<p>One</p><p><i>Two</i></p>'],
    [
      'an item changes, one comes and one goes',
      '<ul><li><b>a</b></li><li>b</li><li><i>c</i></li></ul>',
      '- a\n- new\n- c\n- last',
      '<ul><li><b>a</b></li><li>new</li><li><i>c</i></li><li>last</li></ul>',
    ],
    ['an item goes with its tags', '<ul><li>a</li><li><p>b</p></li></ul>', '- a', '<ul><li>a</li></ul>'],
    ['a line inside a paragraph goes', '<p>a<br>b<br><b>c</b></p>', 'a\nc', '<p>a<br><b>c</b></p>'],
    ['a mark over two lines stays closed', '<p><b>a<br>b</b></p>', 'x\nb', '<p>x<b><br>b</b></p>'],
    [
      'unknown markup and comments stay',
      '<x-note id="7"></x-note><!-- c --><p>a</p><p>b</p>',
      'a\nB',
      '<x-note id="7"></x-note><!-- c --><p>a</p><p>B</p>',
    ],
  ])('S9 an edit elsewhere carries the rest: %s', (_, before, text, after) => {
    expect(encodeHtml(text, before)).toBe(after);
    expect(decodeHtml(after)).toBe(text);
  });

  it('S9 what cannot be said in the markup that is there is written anew, and still reads back', () => {
    const html = encodeHtml('no item any more\n[image]', '<ul><li>item</li></ul><p><img src="1.png"></p>');
    expect(decodeHtml(html)).toBe('no item any more\n[image]');
    expect(html).toContain('<img src="1.png">');
  });
});
