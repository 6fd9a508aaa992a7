/** What a user's first program may look like: tracking, then every report there is. */
module.exports = async ({ ChronyConnection, getTracking }, address) => {
  const tracking = await getTracking(address);
  const chrony = await ChronyConnection.open(address);
  const reports = {};
  for (const name of chrony.reports) reports[name] = await chrony.getReport(name);
  await chrony.close();
  const result = { synchronised: tracking.isSynchronized(), tracking, reports };
  console.log(JSON.stringify(result, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)));
};
