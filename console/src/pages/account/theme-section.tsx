import { SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { Section } from './section.tsx'

const SCHEMES = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'As this device' },
] as const

/** Light or dark; kept in this browser. */
export function ThemeSection() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Section title="Theme" lead="Kept in this browser.">
      <SegmentedControl
        aria-label="Theme"
        data={[...SCHEMES]}
        value={colorScheme}
        onChange={setColorScheme}
        maw={400}
        fullWidth
      />
    </Section>
  )
}
