/** Prints the library's classes of the objects and errors that the other entry points give. */
import * as chrony from 'chrony-wasm';
import { observeChrony } from 'chrony-wasm/opentelemetry';
import { collectChrony } from 'chrony-wasm/prometheus';
import * as testing from 'chrony-wasm/testing';

/** The name of an object's class in the library; null if its class is not from the library. */
function classOf(object) {
  const [name = null] = Object.entries(chrony).find(([, value]) => value === object.constructor) ?? [];
  return name;
}

/** The error that a call throws. */
function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return classOf(error);
  }
  return null;
}

const factories = Object.entries(testing).filter(([name]) => name.startsWith('make'));
const address = 'no address:';
console.log(
  JSON.stringify({
    factories: Object.fromEntries(factories.map(([name, make]) => [name, classOf(make())])),
    factoryThrows: thrownBy(() => testing.makeTracking({ stratum: 1000 })),
    prometheusThrows: thrownBy(() => collectChrony({}, { address })),
    opentelemetryThrows: thrownBy(() => observeChrony({}, { address })),
  }),
);
