/** The names of the ten reports, in the C library's order. */
export const REPORTS: readonly string[] = [
  'tracking',
  'sources',
  'sourcestats',
  'selectdata',
  'activity',
  'authdata',
  'ntpdata',
  'serverstats',
  'rtcdata',
  'smoothing',
];
