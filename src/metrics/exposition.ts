/** A survey as text that Prometheus reads. */
import { type OpenMetricsContentType, Registry } from 'prom-client';
import { families, type Survey } from '#metrics';
import { type AnyRegistry, register } from './register.ts';

export interface Exposition {
  /** For the header of that name. */
  readonly contentType: string;
  readonly body: string;
}

/** @param accept - the header of that name: who asks for OpenMetrics gets it. */
export async function expositionOf(survey: Survey, accept = ''): Promise<Exposition> {
  const registry = registryFor(accept);
  for (const family of families) {
    const samples = family.samples(survey);
    if (samples.length > 0) register(registry, family, () => samples);
  }
  return { contentType: registry.contentType, body: await registry.metrics() };
}

function registryFor(accept: string): AnyRegistry {
  if (!accept.includes('application/openmetrics-text')) return new Registry();
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}
