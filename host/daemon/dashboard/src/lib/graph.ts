// The layout of the graph of causes and effects.

export type Node = {
  id: string;
  source?: string;
  type: string;
  role: 'first' | 'cause' | 'this' | 'effect' | 'more';
  by?: string;
};
export type Placed = Node & { x: number; y: number; width: number; height: number };
export type Edge = { from: { x: number; y: number }; to: { x: number; y: number }; label?: string; indirect: boolean };
export type Layout = { nodes: Placed[]; edges: Edge[]; width: number; height: number };

const WIDTH = 208;
const HEIGHT = 46;
const ACROSS = 84;
const DOWN = 12;

/** Columns from left to right: the first event of the chain, the cause, this event, its effects. */
export function layout(nodes: Node[]): Layout {
  const roles = ['first', 'cause', 'this', 'effect'] as const;
  const column = (node: Node) => (node.role === 'more' ? 'effect' : node.role);
  const columns = roles.map((role) => nodes.filter((node) => column(node) === role)).filter((list) => list.length > 0);
  const tallest = Math.max(1, ...columns.map((list) => list.length));
  const height = tallest * HEIGHT + (tallest - 1) * DOWN;
  const placed = columns.map((list, across) => {
    const own = list.length * HEIGHT + (list.length - 1) * DOWN;
    const top = (height - own) / 2;
    return list.map((node, down) => ({
      ...node,
      x: across * (WIDTH + ACROSS),
      y: top + down * (HEIGHT + DOWN),
      width: WIDTH,
      height: HEIGHT,
    }));
  });
  const edges: Edge[] = [];
  for (let across = 1; across < placed.length; across += 1) {
    for (const from of placed[across - 1] ?? []) {
      for (const to of placed[across] ?? []) {
        edges.push({
          from: { x: from.x + from.width, y: from.y + from.height / 2 },
          to: { x: to.x, y: to.y + to.height / 2 },
          label: to.by,
          // There may be other events between the first one and the cause.
          indirect: from.role === 'first',
        });
      }
    }
  }
  const width = placed.length * WIDTH + Math.max(0, placed.length - 1) * ACROSS;
  return { nodes: placed.flat(), edges, width, height };
}

/** An edge as an SVG path. */
export function curve({ from, to }: Edge): string {
  const middle = (from.x + to.x) / 2;
  return `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
}
