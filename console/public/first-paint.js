// Before the first paint: the theme that was chosen here, or the system's.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('dbsbm:scheme')
  } catch {
    // Storage may be switched off: the system's theme then.
  }
  const isDark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.mantineColorScheme = isDark ? 'dark' : 'light'
})()
