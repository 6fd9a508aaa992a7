/** Prints tracking and then every report, as a user's first program might. */
module.exports = async ({ ChronyConnection, getTracking }, address) => {
  const tracking = await getTracking(address);
  const chrony = await ChronyConnection.open(address);
  const reports = {};
  for (const name of chrony.reports) reports[name] = await chrony.getReport(name);
  await chrony.close();
  const result = { synchronised: tracking.isSynchronized(), tracking, reports };
  console.log(JSON.stringify(result, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)));
};
