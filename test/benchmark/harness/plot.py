# ordo: plot: draws how workloads grow, as SVG, with gnuplot.
# SPDX-License-Identifier: BSL-1.0
import dataclasses
import re
import shutil

from . import process
from .report import write_whole

# Colours that people who see some colours only can tell apart; ordo stands out, the floor stays behind.
STYLES = {
    'ordo': 'lc rgb "#d55e00" lw 3 dt 1 pt 7',
    'ordo_embedded': 'lc rgb "#d55e00" lw 1.5 dt 3 pt 6',
    'floor': 'lc rgb "#888888" lw 1.5 dt 2 pt 4',
    'asio': 'lc rgb "#0072b2" lw 1.5 dt 1 pt 5',
    'asio_awaitable': 'lc rgb "#56b4e9" lw 1.5 dt 1 pt 9',
    'fiber': 'lc rgb "#000000" lw 1.5 dt 1 pt 10',
    'libuv': 'lc rgb "#009e73" lw 1.5 dt 1 pt 11',
    'tokio': 'lc rgb "#cc79a7" lw 1.5 dt 1 pt 13',
    'asyncio': 'lc rgb "#b8a000" lw 1.5 dt 1 pt 8',
    'uvloop': 'lc rgb "#7a6a00" lw 1.5 dt 1 pt 12',
}
PANEL = 430, 400  # of one panel, without the legend, in pixels
LEGEND = 190


@dataclasses.dataclass(frozen=True)
class Panel:
    title: str
    x_label: str
    y_label: str
    points: dict  # {peer: [(x, y)]}


def available():
    return shutil.which('gnuplot') is not None


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def plain(number):
    """For gnuplot, which would compute with integers."""
    return f'{number:.6g}'


def blocks(panels):
    """The data, as named blocks of gnuplot."""
    lines = []
    for number, panel in enumerate(panels):
        for peer, points in panel.points.items():
            lines += [f'$panel{number}_{peer} << end', *(f'{plain(x)} {plain(y)}' for x, y in points), 'end']
    return lines


def x_axis(panel):
    """Powers of ten, but for a few threads."""
    xs = sorted({x for points in panel.points.values() for x, _ in points})
    if xs[-1] > 100:
        return 'set xrange [*:*]; set xtics autofreq; set format x "10^{%T}"'
    return f'set xrange [{xs[0]}:{xs[-1]}]; set xtics ({", ".join(map(str, xs))}); set format x "%g"'


def script(panels):
    peers = [peer for peer in STYLES if any(peer in panel.points for panel in panels)]
    width = PANEL[0] * len(panels) + LEGEND
    lines = [
        f'set terminal svg size {width},{PANEL[1]} font "sans-serif,13" background "white"',
        *blocks(panels),
        'set encoding utf8', 'set logscale xy', 'set format "10^{%T}"', 'set grid lc rgb "#dddddd"',
        'set tics nomirror', 'set border 3', 'unset key', f'set multiplot layout 1,{len(panels)}',
    ]
    for number, panel in enumerate(panels):
        left, right = PANEL[0] * number / width, PANEL[0] * (number + 1) / width
        curves = [f'$panel{number}_{peer} with linespoints ps 0.6 {STYLES[peer]} title {quoted(peer)} noenhanced'
                  for peer in peers if peer in panel.points]
        lines += [f'set lmargin at screen {left + 62 / width:.4f}', f'set rmargin at screen {right - 12 / width:.4f}',
                  f'set title {quoted(panel.title)} noenhanced', f'set xlabel {quoted(panel.x_label)} noenhanced',
                  f'set ylabel {quoted(panel.y_label)} noenhanced', x_axis(panel), f'plot {", ".join(curves)}']
    return '\n'.join([*lines, *legend(peers, width), 'unset multiplot', ''])


def legend(peers, width):
    """A panel of its own, which shows nothing else, so that it covers no curve."""
    entries = [f'1/0 with linespoints ps 0.6 {STYLES[peer]} title {quoted(peer)} noenhanced' for peer in peers]
    return ['unset title', 'unset xlabel', 'unset ylabel', 'unset border', 'unset tics', 'unset grid', 'unset logscale',
            f'set lmargin at screen {1 - LEGEND / width:.4f}', 'set rmargin at screen 1',
            'set key at screen 0.995,0.85 right top Left reverse samplen 2', 'set xrange [0:1]', 'set yrange [0:1]',
            f'plot {", ".join(entries)}']


def draw(path, panels):
    """Raises RuntimeError if gnuplot does not like it."""
    source = path.with_suffix('.gnuplot')
    path.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(script(panels))
    finished = process.run(['gnuplot', source])
    source.unlink()
    if finished.code != 0:
        raise RuntimeError(f'gnuplot {finished.described()}')
    write_whole(path, smaller(finished.output))


def smaller(svg):
    """Without the groups in which gnuplot draws nothing, and its comments: half of the file."""
    svg = re.sub(r'<(title|desc)>[^<]*</\1>\s*|<filter.*?</filter>\s*', '', svg, flags=re.DOTALL)
    while True:
        shorter = re.sub(r'<g [^>]*>\s*</g>\s*', '', svg)
        if shorter == svg:
            return re.sub(r'\n\s+', '\n', svg)
        svg = shorter
