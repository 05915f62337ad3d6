import { createTheme, type MantineColorsTuple, rem } from '@mantine/core'

/** Of the mark; the only colour that means "this can be done". */
const teal: MantineColorsTuple = [
  '#e6f6f8',
  '#cfe9ee',
  '#a0d3dd',
  '#6dbccb',
  '#44a9bc',
  '#2b9db2',
  '#1697ae',
  '#0b7285',
  '#096375',
  '#055060',
]

const FONT = '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif'

/** One type scale (12, 14, 16, 20, 28), spaces by eights, one radius. */
export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 7 },
  colors: { teal },
  autoContrast: true,
  fontFamily: FONT,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
  headings: {
    fontFamily: FONT,
    fontWeight: '650',
    sizes: {
      h1: { fontSize: rem(28), lineHeight: '36px' },
      h2: { fontSize: rem(20), lineHeight: '28px' },
      h3: { fontSize: rem(16), lineHeight: '24px' },
    },
  },
  fontSizes: { xs: rem(12), sm: rem(14), md: rem(16), lg: rem(20), xl: rem(28) },
  lineHeights: { xs: '16px', sm: '20px', md: '24px', lg: '28px', xl: '36px' },
  spacing: { xs: rem(8), sm: rem(16), md: rem(24), lg: rem(32), xl: rem(48) },
  defaultRadius: rem(8),
  focusRing: 'auto',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    // A title in the colour of its alert is too light to be read; icon and ground carry the colour.
    Alert: { styles: { title: { color: 'var(--mantine-color-text)' } } },
    Modal: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      styles: { title: { fontWeight: 650 } },
    },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    // Else a focusable place without a role stands among the items.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
  },
})
