import { Check, ChefHat, CircleAlert, Download, Loader2, RefreshCw, Repeat, Undo2, X } from "lucide-react"
import { useRef, useState } from "react"

const percent = (share) => Math.min(100, (100 * share) / 1.3).toFixed(1) + "%"

// A number that opens the quoted sentence beside the conversation.
function Cite({ n, cites }) {
  const cite = cites[String(n)]
  if (!cite) return null
  const show = (event) => {
    event.preventDefault()
    callAction({ name: "open_source", payload: { n: cite.n, passage_id: cite.passage_id, start: cite.start, end: cite.end } })
  }
  return <a className="marrow-cite" href={cite.href} onClick={show} aria-label={"Source " + cite.n + ": " + cite.title}>{cite.n}</a>
}

function Origin({ of }) {
  return <span className="marrow-soft"> {of.url ? <a href={of.url} target="_blank" rel="noreferrer">{of.source}</a> : of.source}</span>
}

function Bars({ bars }) {
  return (
    <ul className="marrow-bars">
      {bars.map((bar) => (
        <li key={bar.name} data-state={bar.state}>
          <span className="marrow-bar-name">{bar.name}</span>
          <span className="marrow-bar-total">{bar.total}</span>
          <span className="marrow-bar-track" aria-hidden="true">
            {bar.share === null ? null : <span style={{ width: percent(bar.share) }} />}
            <i style={{ left: percent(1) }} />
          </span>
          <span className="marrow-bar-word">target {bar.target} · {bar.state === "met" ? "✓ " : bar.state === "below" ? "▼ " : bar.state === "above" ? "▲ " : ""}{bar.word}</span>
        </li>
      ))}
    </ul>
  )
}

function Dish({ item, dropped, onDrop }) {
  return (
    <details className="marrow-dish">
      <summary><ChefHat aria-hidden="true" /> What is in it{item.method ? " and how to cook it" : ""}</summary>
      <ul>
        {item.parts.map((part) => (
          <li key={part.id} data-dropped={dropped.has(part.id)}>
            {part.food}, {part.amount}
            <button type="button" aria-label={(dropped.has(part.id) ? "Keep " : "Leave out ") + part.food} onClick={() => onDrop(part.id, part.food)}>{dropped.has(part.id) ? "keep" : "leave out"}</button>
          </li>
        ))}
      </ul>
      {item.method ? <p>{item.method}</p> : null}
    </details>
  )
}

function ItemRow({ item, first, meal, span, dropped, busy, onDrop, onSwap }) {
  const [open, setOpen] = useState(false)
  const off = dropped.has(item.id)
  return (
    <tr role="row" data-dropped={off} data-first={first}>
      {first ? <th role="rowheader" scope="rowgroup" rowSpan={span}>{meal}</th> : null}
      <td role="cell" className="marrow-food">
        <span className="marrow-food-name">{item.food}</span>
        {item.parts.length || item.method ? <Dish item={item} dropped={dropped} onDrop={onDrop} /> : null}
        {open ? (
          <ul className="marrow-swaps" aria-label={"Instead of " + item.food}>
            {item.swaps.map((swap) => (
              <li key={swap.id}>
                <button type="button" disabled={busy} onClick={() => { setOpen(false); onSwap(item, swap) }}><Check aria-hidden="true" /> {swap.food}</button>
                <span className="marrow-soft">{swap.amount}, {swap.energy} kcal, {swap.protein} g protein</span>
              </li>
            ))}
          </ul>
        ) : null}
      </td>
      <td role="cell" className="marrow-amount">{item.amount}</td>
      <td role="cell" className="marrow-figure marrow-energy">{item.energy}<span> kcal</span></td>
      <td role="cell" className="marrow-figure marrow-protein">{item.protein}<span> g protein</span></td>
      <td role="cell" className="marrow-tools">
        {item.swaps.length ? <button type="button" aria-expanded={open} disabled={busy} title={"Swap " + item.food} aria-label={"Swap " + item.food} onClick={() => setOpen(!open)}><Repeat aria-hidden="true" /></button> : null}
        <button type="button" disabled={busy} title={(off ? "Keep " : "Leave out ") + item.food} aria-label={(off ? "Keep " : "Leave out ") + item.food} onClick={() => onDrop(item.id, item.food)}>
          {off ? <Undo2 aria-hidden="true" /> : <X aria-hidden="true" />}
        </button>
      </td>
    </tr>
  )
}

function DayTable({ day, number, ...tools }) {
  return (
    <div>
      <Bars bars={day.bars.filter((bar) => bar.kept)} />
      {day.bars.some((bar) => !bar.kept) ? (
        <details className="marrow-more marrow-compared">
          <summary>Vitamins and minerals against daily intakes</summary>
          <Bars bars={day.bars.filter((bar) => !bar.kept)} />
        </details>
      ) : null}
      <table role="table" className="marrow-day" aria-label={"Meals of day " + number}>
        <thead role="rowgroup">
          <tr role="row">
            {["Meal", "Food", "Amount", "kcal", "Protein, g"].map((name) => <th key={name} role="columnheader" scope="col">{name}</th>)}
            <th role="columnheader" scope="col"><span className="marrow-hidden">Swap or leave out</span></th>
          </tr>
        </thead>
        {day.meals.map((meal) => (
          <tbody role="rowgroup" key={meal.name}>
            {meal.items.map((item, place) => (
              <ItemRow key={item.id} item={item} first={place === 0} meal={meal.name} span={meal.items.length} {...tools}
                onSwap={(one, swap) => tools.onSwap(meal.name, one, swap)} />
            ))}
          </tbody>
        ))}
        <tfoot role="rowgroup">
          <tr role="row">
            <th role="rowheader" scope="row">Day {number}</th><td role="cell" colSpan={2}>in all</td>
            <td role="cell" className="marrow-figure marrow-energy">{day.energy}<span> kcal</span></td><td role="cell" className="marrow-figure marrow-protein">{day.protein}<span> g protein</span></td><td role="cell" />
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

function More({ title, count, children, open }) {
  return <details className="marrow-more" open={open}><summary>{title}{count ? <span className="marrow-soft"> {count}</span> : null}</summary><div>{children}</div></details>
}

// One reason with the foods that it takes away; a long list ends after its first names until it is asked for.
function LeftOut({ left, cites }) {
  const [all, setAll] = useState(false)
  const shown = all ? left.foods : left.foods.slice(0, 16)
  return (
    <li>
      <span>{left.reason}</span> {left.citation ? <Cite n={left.citation} cites={cites} /> : null}
      <span className="marrow-soft marrow-block">
        {shown.join("; ")}
        {shown.length < left.foods.length ? <button type="button" className="marrow-inline" onClick={() => setAll(true)}>… and {left.foods.length - shown.length} more</button> : null}
      </span>
      {left.source ? <Origin of={left} /> : null}
    </li>
  )
}

function Background({ view }) {
  const { cites } = view
  return (
    <div>
      {view.left.length ? (
        <More title="What is left out, and why" open={!view.days.length}>
          {view.left.map((group) => <div key={group.heading}><h5>{group.heading}</h5><ul>{group.items.map((left) => <LeftOut key={left.reason} left={left} cites={cites} />)}</ul></div>)}
        </More>
      ) : null}
      {view.advice.length ? (
        <More title="Tips" open={!view.days.length}>
          {view.advice.map((group) => <div key={group.heading}><h5>{group.heading}</h5><ul>{group.items.map((tip) => <li key={tip.text}>{tip.text}<Origin of={tip} /></li>)}</ul></div>)}
        </More>
      ) : null}
      {view.shopping.length ? (
        <More title="Shopping list">
          <p className="marrow-soft">For all days together, weighed as eaten (cooked where it is cooked).</p>
          {view.shopping.map((group) => <p key={group.heading}><strong>{group.heading}:</strong> {group.items.join("; ")}</p>)}
        </More>
      ) : null}
      {view.questions.length ? <More title="Questions for your care team" open={!view.days.length}><ul>{view.questions.map((text) => <li key={text}>{text}</li>)}</ul></More> : null}
      {view.needs.length ? (
        <More title="How the numbers were found">
          <ul>
            {view.needs.map((need) => <li key={need.name}><strong>{need.name}: {need.target} a day.</strong> {need.found} {need.sources.map((source) => <Origin key={source.source} of={source} />)}</li>)}
            {view.screening ? <li><strong>Screening.</strong> {view.screening.text} {view.screening.sources.map((source) => <Origin key={source.source} of={source} />)}</li> : null}
          </ul>
        </More>
      ) : null}
    </div>
  )
}

// props: plan (its id in the conversation), view (see ui/diet_view.py)
export default function DietPlan() {
  const [view, setView] = useState(props.view)
  const [day, setDay] = useState(0)
  const [dropped, setDropped] = useState(new Map())
  const [other, setOther] = useState("")
  const [state, setState] = useState({ busy: false, text: "", alarm: false })
  const tabs = useRef(null)
  const here = Math.min(day, view.days.length - 1)

  const drop = (id, food) => {
    const next = new Map(dropped)
    if (!next.delete(id)) next.set(id, food)
    setDropped(next)
  }

  const call = async (name, payload, doing, then) => {
    setState({ busy: true, text: doing, alarm: false })
    try {
      const answer = await callAction({ name, payload: { plan: props.plan, ...payload } })
      const result = answer && answer.response
      if (!result) setState({ busy: false, text: "Something went wrong. Try again.", alarm: true })
      else if (!result.ok) setState({ busy: false, text: result.error + " " + result.hint, alarm: true })
      else setState({ busy: false, text: then(result), alarm: false })
    } catch (error) {
      setState({ busy: false, text: "Marrow could not be reached. Try again.", alarm: true })
    }
  }
  const show = (result, told) => {
    setView(result.view)
    setDropped(new Map())
    setOther("")
    return told
  }
  const save = (kind) => call("diet_paper", { kind }, "Preparing the file …", (result) => {
    const link = Object.assign(document.createElement("a"), { href: result.href, download: "" })
    document.body.append(link)
    link.click()
    link.remove()
    return "The file is on its way."
  })
  const words = other.split(/[,;]/).map((word) => word.trim()).filter(Boolean)
  const again = () => call("diet_again", { without: [...dropped.keys()], words }, "Making the plan again …",
    (result) => show(result, dropped.size || words.length ? "Made again; what you left out is gone." : "This is another plan for the same needs."))
  const swap = (meal, item, to) => call("diet_swap", { day: here, meal: meal.toLowerCase(), instead_of: item.id, food: to.id }, "Swapping …",
    (result) => show(result, to.food + " stands in for " + item.food + "."))

  const arrows = (event) => {
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: view.days.length - 1 }[event.key]
    if (to === undefined || to < 0 || to >= view.days.length) return
    event.preventDefault()
    setDay(to)
    tabs.current.children[to].focus()
  }

  return (
    <section className="marrow-plan" aria-label={view.title}>
      <header>
        <div><h4>{view.title}</h4>{view.facts.length ? <p className="marrow-soft">About {view.facts.join(" and ")}</p> : null}</div>
        <div className="marrow-links">
          {["pdf", "csv"].map((kind) => (
            <button key={kind} type="button" disabled={state.busy} aria-label={"Download " + kind.toUpperCase()} onClick={() => save(kind)}><Download aria-hidden="true" /> {kind.toUpperCase()}</button>
          ))}
        </div>
      </header>
      {view.urgent ? (
        <div className="marrow-plan-box" data-kind="urgent" role="alert"><strong><CircleAlert aria-hidden="true" /> Before anything else</strong>{view.urgent.split("\n").map((line) => <p key={line}>{line}</p>)}</div>
      ) : null}
      {view.referral.length ? (
        <div className="marrow-plan-box" data-kind="refer"><strong>A dietitian should make this plan with you, so there are no numbers here</strong><ul>{view.referral.map((text) => <li key={text}>{text}</li>)}</ul></div>
      ) : null}
      {view.warnings.length ? (
        <div className="marrow-plan-box" role="alert"><strong><CircleAlert aria-hidden="true" /> Read this first</strong><ul>{view.warnings.map((text) => <li key={text}>{text}</li>)}</ul></div>
      ) : null}
      {view.missed.length ? (
        <div className="marrow-plan-box" data-kind="refer"><strong>What you like and cannot have</strong><ul>{view.missed.map((one) => <li key={one.text}>{one.text} {one.cite ? <Cite n={one.cite} cites={view.cites} /> : null}{one.source ? <Origin of={one} /> : null}</li>)}</ul></div>
      ) : null}
      {view.relax.length ? (
        <div className="marrow-plan-box" data-kind="refer"><strong>No plan meets all of this together</strong><ul>{view.relax.map((text) => <li key={text}>{text}</li>)}</ul></div>
      ) : null}
      {view.timings.length ? (
        <div className="marrow-timings"><h5>Medicines and food</h5><ul>{view.timings.map((one) => <li key={one.drug + one.text}><strong>{one.drug}:</strong> {one.text} {one.cite ? <Cite n={one.cite} cites={view.cites} /> : null}<Origin of={one} /></li>)}</ul></div>
      ) : null}
      {view.days.length ? (
        <div>
          <div role="tablist" aria-label="Days" className="marrow-tabs" ref={tabs} onKeyDown={arrows}>
            {view.days.map((one, place) => (
              <button key={place} type="button" role="tab" id={props.plan + "-tab-" + place} aria-selected={place === here} aria-controls={props.plan + "-day"} tabIndex={place === here ? 0 : -1} onClick={() => setDay(place)}>
                Day {place + 1}
              </button>
            ))}
          </div>
          <div role="tabpanel" id={props.plan + "-day"} aria-labelledby={props.plan + "-tab-" + here}>
            <DayTable day={view.days[here]} number={here + 1} dropped={dropped} busy={state.busy} onDrop={drop} onSwap={swap} />
          </div>
          <div className="marrow-plan-change">
            <label htmlFor={props.plan + "-other"}>Leave something else out</label>
            <input id={props.plan + "-other"} value={other} maxLength={200} placeholder="such as mushrooms" autoComplete="off" onChange={(event) => setOther(event.target.value)} />
            <button type="button" className="marrow-confirm" disabled={state.busy} onClick={again}>
              {state.busy ? <Loader2 className="marrow-spin" aria-hidden="true" /> : <RefreshCw aria-hidden="true" />}
              {dropped.size || words.length ? "Make it again without " + (dropped.size + words.length) : "Make another plan"}
            </button>
            {dropped.size ? <p className="marrow-soft">To be left out: {[...dropped.values()].join("; ")}</p> : null}
          </div>
        </div>
      ) : null}
      <p role={state.alarm ? "alert" : "status"} className={state.alarm ? "marrow-fault" : "marrow-soft"}>{state.text}</p>
      <Background view={view} />
      {view.limits.map((text) => <p key={text} className="marrow-soft">{text}</p>)}
    </section>
  )
}
