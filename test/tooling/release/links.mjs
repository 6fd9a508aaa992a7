// Links that also work outside of the repository: npm's page and JSR's page show README.md, and have no other files of it.

/** The page of the repository that package.json names, `https://github.com/owner/name`, or null if it names none. */
export function homeOf({ repository }) {
  return /^git\+(https:\/\/github\.com\/[\w.-]+\/[\w.-]+?)\.git$/.exec(repository?.url ?? '')?.[1] ?? null;
}

/**
 * The text with absolute links, to the files of the version that is released.
 *
 * @param home - the page of the repository
 */
export function withAbsoluteLinks(markdown, home, version) {
  const images = home.replace('//github.com/', '//raw.githubusercontent.com/');
  const absolute = (path) => `${/\.(?:png|svg)$/.test(path) ? images : `${home}/blob`}/v${version}/${path}`;
  return markdown
    .replaceAll(/(?<=\]\()(?!#|[a-z]+:)[^)\s]+(?=\))/g, absolute)
    .replaceAll(/(?<=\b(?:src|srcset|href)=")(?!#|[a-z]+:)[^"]+(?=")/g, absolute);
}
