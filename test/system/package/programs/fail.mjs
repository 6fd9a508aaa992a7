/** Prints the properties of an error, and its classes in the library. */
import * as chrony from 'chrony-wasm';

const caught = await chrony.getTracking(process.argv[2]).catch((error) => error);
const classes = Object.entries(chrony).filter(
  ([name, type]) => name.endsWith('Error') && caught instanceof type,
);
const { name, code, message } = caught;
console.log(JSON.stringify({ name, code, message, classes: classes.map(([className]) => className) }));
