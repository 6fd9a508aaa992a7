/** All metrics. */
import { authdata } from './authdata.ts';
import type { Family } from './family.ts';
import { ntpdata } from './ntpdata.ts';
import { activity, rtcdata, smoothing } from './others.ts';
import { scrape } from './scrape.ts';
import { selectdata } from './selectdata.ts';
import { serverstats } from './serverstats.ts';
import { sources } from './sources.ts';
import { sourcestats } from './sourcestats.ts';
import { tracking } from './tracking.ts';

export const families: readonly Family[] = [
  ...scrape,
  ...tracking,
  ...sources,
  ...ntpdata,
  ...sourcestats,
  ...selectdata,
  ...authdata,
  ...activity,
  ...serverstats,
  ...smoothing,
  ...rtcdata,
];
