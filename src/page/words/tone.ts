/** How something is meant; what shows it is never a colour alone. */
export type Tone = 'ok' | 'warning' | 'critical' | 'unknown' | 'neutral';
