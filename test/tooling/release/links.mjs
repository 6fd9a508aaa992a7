// Links that also work outside of the repository: the pages of npm and JSR show README.md, but no other files.

/** The URL of the repository in package.json, as `https://github.com/owner/name`, or null if it has none. */
export function homeOf({ repository }) {
  return /^git\+(https:\/\/github\.com\/[\w.-]+\/[\w.-]+?)\.git$/.exec(repository?.url ?? '')?.[1] ?? null;
}

/**
 * The text with absolute links to the files of the released version.
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
