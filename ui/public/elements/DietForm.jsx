import { ArrowLeft, ArrowRight, Check, Eraser, Loader2, X } from "lucide-react"
import { useEffect, useRef, useState } from "react"

const POUND = 0.45359237, INCH = 2.54
// field: [shown name, least, most, unit] of what is typed as a number
const NUMBERS = {
  age: ["Age", 0, 120, "years"], height_cm: ["Height", 40, 250, "cm"], weight_kg: ["Weight", 2, 400, "kg"],
  weight_6_months_ago_kg: ["Weight six months ago", 2, 500, "kg"], neutrophils: ["Neutrophils", 0, 100000, "10^9/L"],
  days: ["Days", 1, 14, "days"], days_eating_little: ["Days", 0, 365, "days"], height_ft: ["Height", 1, 8, "feet"], height_in: ["Inches", 0, 11.99, "inches"],
  weight_lb: ["Weight", 5, 880, "lb"], weight_6_months_ago_lb: ["Weight six months ago", 5, 1100, "lb"],
}
const METRIC = ["height_cm", "weight_kg", "weight_6_months_ago_kg"]
const IMPERIAL = ["height_ft", "height_in", "weight_lb", "weight_6_months_ago_lb"]
const REQUIRED = ["age", "sex", "height_cm", "weight_kg", "height_ft", "weight_lb"]
const STEPS = [
  ["You", ["age", "sex", ...METRIC, ...IMPERIAL, "activity", "pregnant", "breastfeeding", "tube_feeding"]],
  ["Health", ["leukemia_type", "treatment_phase", "drugs", "other_drugs", "days_eating_little", "neutrophils", "symptoms", "conditions", "other_conditions"]],
  ["Must not eat", ["allergies", "other_allergies", "restrictions", "avoid"]],
  ["Taste", ["likes", "dislikes", "cuisine", "budget", "days"]],
]
// What was filled in outlives a reload of the page in this tab; it ends with the tab, and is nowhere else.
const KEPT = "marrow-diet-form"
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other)
const recalled = (empty) => {
  const fresh = { form: empty, imperial: false, step: 0, typed: {} }
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT))
    const names = Object.keys(empty).filter((name) => typeof kept.form[name] === typeof empty[name] && Array.isArray(kept.form[name]) === Array.isArray(empty[name]))
    const form = { ...empty, ...Object.fromEntries(names.map((name) => [name, kept.form[name]])) }
    return { form, imperial: kept.imperial === true, step: STEPS[kept.step] ? kept.step : 0, typed: kept.typed || {} }
  } catch (error) {
    return fresh
  }
}
const keep = (told, empty) => {
  try {
    if (same(told.form, empty) && !Object.values(told.typed).some(Boolean)) sessionStorage.removeItem(KEPT)
    else sessionStorage.setItem(KEPT, JSON.stringify(told))
  } catch (error) {
    // A browser that keeps nothing loses the form with the page; it works all the same.
  }
}
const joined = (words, more) => [...new Set([...words, ...more.split(/[,;\n]/).map((word) => word.trim()).filter(Boolean)])]
const short = (value) => String(Math.round(value * 10) / 10)

function Fault({ id, fault, onReplace, onKeep }) {
  if (!fault) return null
  return (
    <div id={id} className="marrow-diet-fault" role="alert">
      <p>{fault.text}</p>
      {onReplace ? (fault.words || []).filter((one) => one.maybe.length || onKeep).map((one) => (
        <p key={one.word} className="marrow-diet-maybe">{one.maybe.length ? "Did you mean" : null}
          {one.maybe.map((word) => <button key={word} type="button" onClick={() => onReplace(one.word, word)}>{word}</button>)}
          {onKeep ? <button type="button" onClick={() => onKeep(one.word)}>“{one.word}” is right, keep it unchecked</button> : null}
        </p>
      )) : null}
    </div>
  )
}

function NumberField({ name, label, note, form, faults, onChange, onCheck }) {
  const id = "diet-" + name
  return (
    <div className="marrow-diet-field">
      <label htmlFor={id}>{label}{note ? <span className="marrow-soft"> {note}</span> : null}</label>
      <input id={id} name={name} inputMode="decimal" autoComplete="off" value={form[name]} aria-invalid={Boolean(faults[name])}
        aria-describedby={faults[name] ? id + "-fault" : undefined} onChange={(event) => onChange(name, event.target.value)} onBlur={() => onCheck(name)} />
      <Fault id={id + "-fault"} fault={faults[name]} />
    </div>
  )
}

function Choice({ name, label, none, options, form, faults, onChange }) {
  const id = "diet-" + name
  return (
    <div className="marrow-diet-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} value={form[name]} aria-invalid={Boolean(faults[name])} onChange={(event) => onChange(name, event.target.value)}>
        {none ? <option value="">{none}</option> : null}
        {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
      </select>
      <Fault id={id + "-fault"} fault={faults[name]} />
    </div>
  )
}

// The first `most` are shown, the others on demand.
function Boxes({ label, options, most, chosen, onToggle }) {
  const [all, setAll] = useState(!most || options.slice(most).some(([key]) => chosen.includes(key)))
  const shown = all ? options : options.slice(0, most)
  return (
    <fieldset className="marrow-diet-boxes">
      <legend>{label}</legend>
      {shown.map(([key, text]) => (
        <label key={key}><input type="checkbox" checked={chosen.includes(key)} onChange={() => onToggle(key)} /> {text}</label>
      ))}
      {all ? null : <button type="button" className="marrow-inline" onClick={() => setAll(true)}>Show {options.length - shown.length} more</button>}
    </fieldset>
  )
}

// Words typed one by one; what stands in the field when it is left is a word too, so that nothing typed is lost.
function Words({ name, label, note, placeholder, known, boxes, keepAs, form, faults, typed, onChange, onType }) {
  const text = typed[name] || ""
  const id = "diet-" + name
  const ticked = form[name].filter((word) => boxes?.some(([key]) => key === word))
  const words = form[name].filter((word) => !ticked.includes(word))
  const put = (next) => onChange(name, [...ticked, ...next])
  const add = (more) => { onType(name, ""); if (more.trim()) put(joined(words, more)) }
  const keys = (event) => {
    if (event.key === "Enter" && text.trim()) { event.preventDefault(); add(text) }
    else if (event.key === "Backspace" && !text && words.length) put(words.slice(0, -1))
  }
  return (
    <div className="marrow-diet-field marrow-diet-words">
      <label htmlFor={id}>{label}{note ? <span className="marrow-soft"> {note}</span> : null}</label>
      <div className="marrow-diet-chips">
        {words.map((word) => (
          <span key={word} className="marrow-diet-chip" data-wrong={(faults[name]?.words || []).some((one) => one.word === word)}>
            {word}<button type="button" aria-label={"Remove " + word} onClick={() => put(words.filter((one) => one !== word))}><X aria-hidden="true" /></button>
          </span>
        ))}
        <input id={id} name={name} list={known ? id + "-known" : undefined} autoComplete="off" maxLength={60} value={text}
          placeholder={words.length ? "another …" : placeholder} aria-invalid={Boolean(faults[name])} aria-describedby={faults[name] ? id + "-fault" : undefined}
          onChange={(event) => (/[,;]/.test(event.target.value) || known?.includes(event.target.value) ? add(event.target.value) : onType(name, event.target.value))}
          onKeyDown={keys} onBlur={() => add(text)} />
      </div>
      {known ? <datalist id={id + "-known"}>{known.map((word) => <option key={word} value={word} />)}</datalist> : null}
      <Fault id={id + "-fault"} fault={faults[name]} onReplace={(word, other) => put(words.map((one) => (one === word ? other : one)))}
        onKeep={keepAs ? (word) => { put(words.filter((one) => one !== word)); onChange(keepAs, [...form[keepAs], word]) } : null} />
      {keepAs && form[keepAs].length ? (
        <p className="marrow-soft">Not checked against food: {form[keepAs].join(", ")} <button type="button" className="marrow-inline" onClick={() => onChange(keepAs, [])}>remove</button></p>
      ) : null}
    </div>
  )
}

// props: options {activity, leukemia_type, treatment_phase, symptoms, conditions, restrictions, cuisine, budget: [[key, name]],
// allergies: [[key, name]]}, known {drugs, foods: [name]}, form: what to start from
export default function DietForm() {
  const [start] = useState(() => recalled(props.form))
  const [form, setForm] = useState(start.form), [imperial, setImperial] = useState(start.imperial), [step, setStep] = useState(start.step)
  const [typed, setTyped] = useState(start.typed), [faults, setFaults] = useState({})
  const [state, setState] = useState({ busy: false, text: "", alarm: false })
  const [urgent, setUrgent] = useState("")
  const root = useRef(null), turned = useRef(null)
  const used = imperial ? IMPERIAL : METRIC, skipped = imperial ? METRIC : IMPERIAL

  useEffect(() => keep({ form, imperial, step, typed }, props.form), [form, imperial, step, typed])

  const startAgain = () => {
    setForm(props.form); setImperial(false); setTyped({}); setFaults({}); setUrgent("")
    turned.current = null
    go(0)
  }
  const change = (name, value) => {
    setForm((now) => ({ ...now, [name]: value }))
    setFaults((now) => ({ ...now, [name]: undefined }))
  }
  const toggle = (name) => (key) => change(name, form[name].includes(key) ? form[name].filter((one) => one !== key) : [...form[name], key])
  const number = (name) => Number(String(form[name]).replace(",", "."))

  const wrong = (name) => {
    if (form[name] === "" && REQUIRED.includes(name)) return { text: name === "sex" ? "Please choose." : "Please fill this in." }
    if (!(name in NUMBERS) || form[name] === "") return undefined
    const [label, least, most, unit] = NUMBERS[name]
    const value = number(name)
    if (!Number.isFinite(value)) return { text: label + " has to be a number." }
    return value < least || value > most ? { text: label + " has to be between " + least + " and " + most + " " + unit + "." } : undefined
  }
  const check = (name) => { if (form[name] !== "") setFaults((now) => ({ ...now, [name]: wrong(name) })) }

  // What was only turned over and not changed comes back as it was.
  const convert = (to) => {
    if (to === imperial) return
    const next = { ...form }
    if (turned.current && used.every((name) => form[name] === turned.current[name])) {
      setForm({ ...next, ...Object.fromEntries(skipped.map((name) => [name, turned.current[name]])) }); setImperial(to); setFaults({})
      return
    }
    const pairs = [["weight_kg", "weight_lb"], ["weight_6_months_ago_kg", "weight_6_months_ago_lb"]]
    for (const [kg, lb] of pairs) {
      if (to && form[kg] !== "" && Number.isFinite(number(kg))) next[lb] = short(number(kg) / POUND)
      if (!to && form[lb] !== "" && Number.isFinite(number(lb))) next[kg] = short(number(lb) * POUND)
    }
    if (to && form.height_cm !== "" && Number.isFinite(number("height_cm"))) {
      const inches = Math.round(number("height_cm") / INCH)
      next.height_ft = String(Math.floor(inches / 12)); next.height_in = String(inches % 12)
    }
    if (!to && form.height_ft !== "" && Number.isFinite(number("height_ft"))) next.height_cm = short((number("height_ft") * 12 + (number("height_in") || 0)) * INCH)
    turned.current = next
    setForm(next); setImperial(to); setFaults({})
  }

  // A word that still stands in its field when a button is pressed counts too.
  const profile = () => {
    const whole = { ...form }
    for (const [name, text] of Object.entries(typed)) if (text.trim()) whole[name] = joined(form[name], text)
    setForm(whole); setTyped({})
    const given = {}
    for (const [name, value] of Object.entries(whole)) {
      if (skipped.includes(name) || value === "" || value === false || (Array.isArray(value) && !value.length)) continue
      given[name] = name in NUMBERS ? number(name) : value
    }
    return given
  }

  const point = (found) => {
    setFaults(found)
    const first = STEPS.findIndex(([, names]) => names.some((name) => found[name]))
    if (first < 0) return
    setStep(first)
    const name = STEPS[first][1].find((one) => found[one])
    setTimeout(() => root.current?.querySelector('[name="' + name + '"]')?.focus(), 60)
  }

  // What is urgent comes before the form, and into view.
  const tell = (words) => {
    setUrgent(words)
    if (words && words !== urgent) setTimeout(() => root.current?.scrollIntoView({ block: "start" }), 120)
  }

  // What the reader's own page can tell is told at once; the rest is for the server.
  const proceed = async () => {
    const here = STEPS[step][1].filter((name) => !skipped.includes(name))
    const found = Object.fromEntries(here.map((name) => [name, wrong(name)]).filter(([, fault]) => fault))
    if (Object.keys(found).length) { point(found); return }
    const last = step === STEPS.length - 1
    setState({ busy: true, text: last ? "Working out needs, what to leave out, and the days …" : "Checking …", alarm: false })
    const before = document.querySelectorAll(".marrow-plan").length
    try {
      const answer = await callAction({ name: last ? "diet_make" : "diet_check", payload: { profile: profile(), fields: last ? [] : here } })
      const result = answer && answer.response
      if (result) tell(result.urgent || "")
      if (!result) setState({ busy: false, text: "Something went wrong. Try again.", alarm: true })
      else if (!result.ok) {
        const known = Object.keys(result.faults || {}).length > 0
        setState({ busy: false, text: known ? "Please look at what is marked." : result.error + " " + result.hint, alarm: true })
        if (known) point(result.faults)
      } else {
        setFaults({}); setState({ busy: false, text: last ? "The plan is below. Change an answer and make it again whenever you like." : "", alarm: false })
        // The explanation comes by itself; the plan is there without it.
        if (last) callAction({ name: "diet_explain", payload: { plan: result.plan } })
        if (last) setTimeout(() => document.querySelectorAll(".marrow-plan")[before]?.scrollIntoView({ block: "start" }), 400)
        else go(step + 1)
      }
    } catch (error) {
      setState({ busy: false, text: "Marrow could not be reached. Try again.", alarm: true })
    }
  }
  const go = (to) => {
    setStep(to)
    setState((now) => ({ ...now, text: "", alarm: false }))
    setTimeout(() => root.current?.querySelector("h4")?.focus(), 60)
  }

  const shared = { form, faults, typed, onChange: change, onType: (name, text) => setTyped((now) => ({ ...now, [name]: text })) }
  const numeric = { ...shared, onCheck: check }
  const { options, known } = props
  return (
    <section className="marrow-diet-form" aria-label="Form for a diet plan" ref={root}>
      {urgent ? <div className="marrow-plan-box" data-kind="urgent" role="alert"><strong>Before anything else</strong>{urgent.split("\n").map((line) => <p key={line}>{line}</p>)}</div> : null}
      <ol className="marrow-diet-steps">
        {STEPS.map(([name], place) => (
          <li key={name} aria-current={place === step ? "step" : undefined} data-done={place < step}>
            <button type="button" aria-label={"Step " + (place + 1) + ": " + name} disabled={place >= step || state.busy} onClick={() => go(place)}><span>{place < step ? "✓" : place + 1}</span><b>{name}</b></button>
          </li>
        ))}
      </ol>
      <h4 tabIndex={-1}>Step {step + 1} of {STEPS.length}: {STEPS[step][0]}</h4>
      {step === 0 ? (
        <div className="marrow-diet-grid">
          <fieldset className="marrow-choice marrow-diet-wide">
            <legend>Units</legend>
            {[[false, "cm and kg"], [true, "feet and pounds"]].map(([key, text]) => (
              <label key={text}><input type="radio" checked={imperial === key} onChange={() => convert(key)} />{text}</label>
            ))}
          </fieldset>
          <NumberField name="age" label="Age" note="in years" {...numeric} />
          <Choice name="sex" label="Sex" none="please choose" options={[["F", "female"], ["M", "male"]]} {...shared} />
          {imperial ? (
            <div className="marrow-diet-pair"><NumberField name="height_ft" label="Height" note="feet" {...numeric} /><NumberField name="height_in" label="and" note="inches" {...numeric} /></div>
          ) : <NumberField name="height_cm" label="Height" note="in cm" {...numeric} />}
          <NumberField name={used[imperial ? 2 : 1]} label="Weight now" note={imperial ? "in pounds" : "in kg"} {...numeric} />
          <NumberField name={used[imperial ? 3 : 2]} label="Weight six months ago" note={(imperial ? "in pounds" : "in kg") + ", if known"} {...numeric} />
          <Choice name="activity" label="Activity" options={options.activity} {...shared} />
          <Boxes label="Tick what is true" options={[["pregnant", "pregnant"], ["breastfeeding", "breastfeeding"], ["tube_feeding", "fed by tube"]]}
            chosen={["pregnant", "breastfeeding", "tube_feeding"].filter((name) => form[name])} onToggle={(name) => change(name, !form[name])} />
        </div>
      ) : null}
      {step === 1 ? (
        <div className="marrow-diet-grid">
          <Choice name="leukemia_type" label="Leukemia" none="not known" options={options.leukemia_type} {...shared} />
          <Choice name="treatment_phase" label="Treatment" none="not known" options={options.treatment_phase} {...shared} />
          <Words name="drugs" label="Medicines and supplements" note="all of them, herbs too" placeholder="such as venetoclax" known={known.drugs} keepAs="other_drugs" {...shared} />
          <NumberField name="days_eating_little" label="Days with little or nothing eaten" note="up to today" {...numeric} />
          <NumberField name="neutrophils" label="Neutrophils" note="10^9/L, if known" {...numeric} />
          <Boxes label="Symptoms now" options={options.symptoms} chosen={form.symptoms} onToggle={toggle("symptoms")} />
          <Boxes label="Other conditions" options={options.conditions} most={14} chosen={form.conditions} onToggle={toggle("conditions")} />
          <Words name="other_conditions" label="Any other illness" note="the plan says what was not checked" placeholder="such as gout" {...shared} />
        </div>
      ) : null}
      {step === 2 ? (
        <div className="marrow-diet-grid">
          <Boxes label="Allergies" options={options.allergies} chosen={form.allergies} onToggle={toggle("allergies")} />
          <Words name="allergies" label="Any other allergy" note="one by one; nothing you write is passed over" placeholder="such as kiwi" boxes={options.allergies} {...shared} />
          <Boxes label="How you eat" options={options.restrictions} chosen={form.restrictions} onToggle={toggle("restrictions")} />
          <Words name="avoid" label="Other foods you never eat" note="as binding as an allergy" placeholder="such as pork" known={known.foods} {...shared} />
        </div>
      ) : null}
      {step === 3 ? (
        <div className="marrow-diet-grid">
          <Words name="likes" label="You like" placeholder="such as lentils" known={known.foods} {...shared} />
          <Words name="dislikes" label="You do not want" placeholder="such as mushrooms" known={known.foods} {...shared} />
          <Choice name="cuisine" label="Cuisine" none="any" options={options.cuisine} {...shared} />
          <Choice name="budget" label="Budget" options={options.budget} {...shared} />
          <NumberField name="days" label="Days" note="1 to 14" {...numeric} />
        </div>
      ) : null}
      <div className="marrow-labs-end">
        <p role={state.alarm ? "alert" : "status"} className={state.alarm ? "marrow-fault" : "marrow-soft"}>{state.text}</p>
        {same(form, props.form) && !step ? null : <button type="button" className="marrow-link" disabled={state.busy} onClick={startAgain}><Eraser aria-hidden="true" /> Start again</button>}
        {step ? <button type="button" className="marrow-link" disabled={state.busy} onClick={() => go(step - 1)}><ArrowLeft aria-hidden="true" /> Back</button> : null}
        <button type="button" className="marrow-confirm" disabled={state.busy} onMouseDown={(event) => event.preventDefault()} onClick={proceed}>
          {state.busy ? <Loader2 className="marrow-spin" aria-hidden="true" /> : step === STEPS.length - 1 ? <Check aria-hidden="true" /> : <ArrowRight aria-hidden="true" />}
          {step === STEPS.length - 1 ? "Make the plan" : "Next"}
        </button>
      </div>
      <p className="marrow-soft">What you fill in is kept in this browser tab, so that a reload does not lose it. It goes when you close the tab or choose “Start again”.</p>
    </section>
  )
}
