// Formats JSON text without parsing it: `JSON.parse` would change large numbers, and drop or reorder members with repeated or
// numeric names.

export type Token = { kind: 'name' | 'string' | 'number' | 'word' | 'mark' | 'space'; text: string };

/** Splits JSON text into tokens. Anything that is not JSON becomes a word, so nothing is lost. */
export function* tokens(text: string): Generator<Token> {
  const pattern = /("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|([{}[\],:])|(\s+)|([^\s{}[\],:"]+|")/gs;
  for (const match of text.matchAll(pattern)) {
    const [all, string, number, mark, space] = match;
    if (string !== undefined) {
      yield { kind: 'string', text: all };
    } else if (number !== undefined) {
      yield { kind: 'number', text: all };
    } else if (mark !== undefined) {
      yield { kind: 'mark', text: all };
    } else if (space !== undefined) {
      yield { kind: 'space', text: all };
    } else {
      yield { kind: 'word', text: all };
    }
  }
}

/** The same value, indented. */
export function pretty(text: string): Token[] {
  const given = [...tokens(text)].filter((token) => token.kind !== 'space');
  const out: Token[] = [];
  let depth = 0;
  const newline = () => out.push({ kind: 'space', text: `\n${'  '.repeat(depth)}` });
  given.forEach((token, index) => {
    const next = given[index + 1];
    switch (token.text) {
      case '{':
      case '[': {
        out.push({ kind: 'mark', text: token.text });
        const closes = token.text === '{' ? '}' : ']';
        if (next?.text !== closes) {
          depth += 1;
          newline();
        }
        break;
      }
      case '}':
      case ']': {
        const before = given[index - 1]?.text;
        if (before !== (token.text === '}' ? '{' : '[')) {
          depth = Math.max(0, depth - 1);
          newline();
        }
        out.push(token);
        break;
      }
      case ',':
        out.push(token);
        newline();
        break;
      case ':':
        out.push(token, { kind: 'space', text: ' ' });
        break;
      default:
        out.push(token.kind === 'string' && next?.text === ':' ? { kind: 'name', text: token.text } : token);
    }
  });
  return out;
}

/** The source text of a member of an object: `member('{"a": 1.0}', 'a')` is `1.0`. */
export function member(text: string, name: string): string | undefined {
  let depth = 0;
  let at = 0;
  let wanted = false;
  let begin: number | undefined;
  let key: string | undefined;
  for (const token of tokens(text)) {
    const { kind } = token;
    const end = at + token.text.length;
    if (kind === 'mark' && (token.text === '}' || token.text === ']')) {
      depth -= 1;
    }
    if (begin !== undefined && ((depth === 1 && token.text === ',' && kind === 'mark') || depth === 0)) {
      return text.slice(begin, at).trim();
    }
    if (depth === 1 && kind === 'string' && begin === undefined) {
      key = token.text;
    }
    if (depth === 1 && kind === 'mark' && token.text === ':' && key !== undefined && begin === undefined) {
      try {
        wanted = JSON.parse(key) === name;
      } catch {
        wanted = false;
      }
      if (wanted) {
        begin = end;
      }
      key = undefined;
    }
    if (kind === 'mark' && (token.text === '{' || token.text === '[')) {
      depth += 1;
    }
    at = end;
  }
  return undefined;
}
