# ordo: the table of a run, as text for a terminal and as Markdown for the README.
# SPDX-License-Identifier: BSL-1.0
from .figures import shown
from .goals import OURS
from .workloads import BY_ID

PART = 'ordo_task'  # of W14 only: no column of its own in the README
HEAD = ('', 'median', 'min to max', '÷ floor', '÷ best peer', 'goal')


def ratio(value, reference):
    return shown(value / reference) if reference else '–'


def goal_words(judgement):
    """`reached: 8.10 of at most 9.20 (≤ 2 × floor)`, the clause that is nearest to being missed."""
    nearest = judgement.nearest
    unjudged = f'not judged: {"; ".join(judgement.open)}' if judgement.open else ''
    if nearest is None:
        return unjudged
    words = 'reached' if nearest.reached else 'MISSED'
    words += f': {shown(nearest.value)} of at most {shown(nearest.limit)} ({nearest.text})'
    return f'{words}; {unjudged}' if unjudged else words


def rows(results):
    """[(cells, is it the heading of a workload)]."""
    table = []
    for workload, summaries in results.summaries.items():
        definition = BY_ID[workload]
        judgement = results.judgements.get(workload)
        goal = f'; goal: {judgement.text}' if judgement else ''
        table.append(((f'{workload}  {definition.title}, {definition.unit}{goal}',), True))
        best = results.run.best_peer(workload)
        floor = results.run.median(workload, 'floor')
        for place, (peer, summary) in enumerate(summaries.items()):
            table.append((('  ' + peer, shown(summary.median), f'{shown(summary.min)} to {shown(summary.max)}',
                           ratio(summary.median, floor), ratio(summary.median, best and best[1]),
                           goal_words(judgement) if judgement and place == 0 else ''), False))
    return table


def text_table(results):
    table = [(HEAD, False), *rows(results)]
    widths = [max((len(cells[column]) for cells, heading in table if not heading), default=0) for column in range(6)]
    lines = []
    for cells, heading in table:
        if heading:
            lines += ['', cells[0]]
            continue
        first, *figures, goal = cells
        numbers = ''.join(f'  {cell:>{width}}' for cell, width in zip(figures, widths[1:5]))
        lines.append(f'{first:<{widths[0]}}{numbers}  {goal}'.rstrip())
    return '\n'.join(lines)


def closing_lines(results):
    """What stands below the table: memory, goals that were missed, peers that failed."""
    lines = []
    embedded = results.judgements.get('embedded')
    if embedded:
        lines.append(f'embedded, {embedded.text}: {goal_words(embedded)}')
    ours = [(results.peaks[peer], peer) for peer in OURS if peer in results.peaks]
    peak = max(ours, default=None)
    if peak:
        (size, workload), peer = peak
        lines.append(f'most memory that a program of ordo used: {size / 2**20:,.0f} MiB resident ({peer}, {workload})')
    lines += [f'FAILED: {pair}: {text}' for pair, text in results.failures.items()]
    missed = [name for name, judgement in results.judgements.items()
              if judgement.nearest and not judgement.nearest.reached]
    reached, judged = results.reached()
    lines.append(f'{reached} of {judged} goals reached' + (f'; missed: {", ".join(missed)}' if missed else ''))
    return lines


def markdown_table(results, peers):
    """One row for each workload, one column for each peer."""
    present = [peer for peer in peers if peer != PART and any(peer in row for row in results.summaries.values())]
    lines = ['| | workload | ' + ' | '.join(f'`{peer}`' for peer in present) + ' | goal | |',
             '|---|---|' + '---:|' * len(present) + '---|---|']
    for workload, summaries in results.summaries.items():
        definition = BY_ID[workload]
        judgement = results.judgements.get(workload)
        best = results.run.best_peer(workload)
        cells = []
        for peer in present:
            cell = shown(summaries[peer].median) if peer in summaries else ''
            if cell and (peer == 'ordo' or best and peer == best[0]):
                cell = f'**{cell}**' if peer == 'ordo' else f'*{cell}*'
            if peer == 'ordo' and PART in summaries:
                cell += f'; {shown(summaries[PART].median)}'
            cells.append(cell)
        unit = '' if definition.unit == 'ns' else f', {definition.unit}'
        text, verdict = judgement.text.replace('||', '`\\|\\|`') if judgement else '', ''
        if judgement and judgement.nearest:
            verdict = 'reached' if judgement.nearest.reached else 'missed'
        lines.append(f'| {workload} | {definition.title}{unit} | ' + ' | '.join(cells) + f' | {text} | {verdict} |')
    return '\n'.join(lines)
