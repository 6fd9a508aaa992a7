/** The charts' colours, which are those of the style sheet. */
import type uPlot from 'uplot';

/** Where the style sheet has other colours. */
const QUERIES = ['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print'];

export function colour(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

export function onColourChange(listener: () => void): void {
  for (const query of QUERIES) matchMedia(query).addEventListener('change', listener);
}

/** The line of zero, where it is in sight. */
export function drawZero(plot: uPlot): void {
  const { min = 0, max = 0 } = plot.scales['y'] ?? {};
  if (min > 0 || max < 0) return;
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(0, 'y', true));
  ctx.save();
  ctx.strokeStyle = colour('--zero');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
