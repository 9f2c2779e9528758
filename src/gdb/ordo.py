# ordo: a gdb script: what the tasks of a stopped process, or of a core file, wait for.
# SPDX-License-Identifier: BSL-1.0
#
#   (gdb) source ordo.py
#   (gdb) ordo loop          all loops: iterations, what is queued, tasks
#   (gdb) ordo tasks         every task: its state and what it waits for
#   (gdb) ordo bt TASK       the coroutines of a task, by its name or number, each with the co_await that it stands in
#
# Nothing is called in the process. It needs the debug information of libordo and of the program (-g, not -g1). Futures,
# tasks and handles are printed with their state.
import gdb
import gdb.printing

POINTER = gdb.lookup_type('void').pointer()


# -- reading what the standard library has made

def c_string(pointer, **options):
    """Text of a program may have any bytes in it."""
    return pointer.string(errors='replace', **options)


def text_of(string):
    """A std::string."""
    return c_string(string['_M_dataplus']['_M_p'], length=int(string['_M_string_length']))


def pointer_in(owner):
    """What a unique_ptr owns: the one pointer in it, however deep."""
    if owner.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
        return owner
    for field in owner.type.strip_typedefs().fields():
        if not field.is_base_class and field.name is None:
            continue
        found = pointer_in(owner[field])
        if found is not None:
            return found
    return None


def place_of(location):
    """A std::source_location as file:line (function)."""
    implementation = location['_M_impl']
    if int(implementation) == 0:
        return 'an unknown place'
    at = implementation.cast(gdb.lookup_type('std::source_location::__impl').pointer()).dereference()
    return f"{c_string(at['_M_file_name'])}:{int(at['_M_line'])} ({c_string(at['_M_function_name'])})"


# -- loops, tasks, frames

def loops():
    pump = gdb.lookup_global_symbol('ordo::detail::all_pumps')
    if pump is None:
        raise gdb.GdbError('ordo: there is no libordo with debug information in this program')
    at = pump.value()
    while int(at) != 0:
        yield at.dereference()
        at = at['next_pump_']


def tasks_of(pump):
    at = pump['first_task']
    while int(at) != 0:
        yield at.dereference()
        at = at['next_task_']


def all_tasks():
    for pump in loops():
        yield from tasks_of(pump)


def name_of(task):
    texts = pointer_in(task['texts_'])
    if int(texts) != 0 and bool(texts['name']['_M_payload']['_M_engaged']):
        return text_of(texts['name']['_M_payload']['_M_payload']['_M_value'])
    return f"Task-{int(task['number_'])}"


def frames_of(task):
    """Its promises, from the innermost outwards; none if it runs."""
    promise = gdb.lookup_type('ordo::detail::promise_base').pointer()
    frame = int(task['resume_']['_M_fr_ptr'])
    # A frame begins with two pointers, to resume and to destroy it; the promise comes next.
    at = gdb.Value(frame + 2 * POINTER.sizeof).cast(promise) if frame else gdb.Value(0).cast(promise)
    while int(at) != 0:
        yield at.dereference()
        at = at['parent_']


def length(pointer, following):
    count = 0
    while int(pointer) != 0:
        count += 1
        pointer = pointer[following]
    return count


class Names:
    """Of the tasks by loop and number, collected once for a command: every task may wait for a lock that another one has."""

    def __init__(self):
        self.of_loops = {}

    def find(self, core, number):
        if int(core) not in self.of_loops:
            self.of_loops[int(core)] = {int(task['number_']): name_of(task) for task in tasks_of(core.dereference())}
        return self.of_loops[int(core)].get(number)


def described(future):
    if not bool(future['is_task_']):
        return f"a future created at {place_of(future['created_'])}"
    return f"task '{name_of(future.cast(gdb.lookup_type('ordo::detail::task_base')))}'"


def what_it_waits_for(task, names):
    """None: it is ready, for the wait is over."""
    awaited = task['awaited_']
    if int(awaited) == 0:
        return None
    # Some instances of templates gdb does not find by the name in their RTTI; their tables of virtual functions it does.
    table = gdb.execute(f'info symbol {int(awaited.cast(POINTER.pointer()).dereference())}', to_string=True)
    for name in 'gather', 'shield':
        if f'ordo::detail::{name}_state<' in table:
            future = awaited.cast(gdb.lookup_type('ordo::detail::future_base').pointer()).dereference()
            return name if is_pending(future) else None
    whole = awaited.cast(awaited.dynamic_type).dereference()
    bases = [whole.type.strip_typedefs()]
    while bases:
        base = bases.pop()
        if base.name in KINDS:
            waits, description = KINDS[base.name]
            part = whole.cast(base)
            return description(part, task, names) if waits(part) else None
        bases += [field.type for field in base.fields() if field.is_base_class]
    return whole.type.name


def state_of(what):
    return str(what['state_']).rpartition('::')[2]


def is_pending(future):
    return state_of(future) == 'pending'


def is_under_way(operation):
    return int(operation['link_']) != 0 and int(operation['link_']['owner']) != 0


def operation_name(operation, *_):
    _, mark, rest = operation.dynamic_type.name.partition('initiate_async_')
    name = ''.join(rest.partition('<')[0].split('(')[0].split(',')[0].split('>')[0].split()) if mark else ''
    return f'async_{name}' if name else 'an Asio operation'


def waiter_description(waiter, task, names):
    if int(waiter['queue_']) == 0:
        return c_string(waiter['where_'])
    queue = waiter['queue_'].dereference()
    text = c_string(queue['where_'])
    if number := int(queue['holder_']):
        holder = names.find(task['core_'], number)
        text += f", held by '{holder}'" if holder is not None else ', held by a task that has ended'
    return text


# What tasks wait for: whether the wait is still to end, and how to call it.
KINDS = {
    'ordo::detail::waiter': (lambda waiter: state_of(waiter) == 'waiting', waiter_description),
    'ordo::detail::sleep_awaiter': (lambda sleep: not bool(sleep['over_']), lambda *_: 'sleep'),
    'ordo::detail::operation_awaiter_base': (is_under_way, operation_name),
    'ordo::detail::future_base': (is_pending, lambda future, *_: described(future)),
}


def headline(task, names):
    if int(task['resume_']['_M_fr_ptr']) == 0:
        does = 'runs'
    else:
        waits = what_it_waits_for(task, names)
        does = f'waits for {waits}' if waits else 'is ready'
    cancelling = ', is being cancelled' if int(task['cancel_requests_']) else ''
    return f"{int(task['number_'])} '{name_of(task)}' {does}{cancelling}"


# -- commands

class OrdoCommand(gdb.Command):
    """Look at the loops and tasks of ordo: ordo loop, ordo tasks, ordo bt TASK."""

    def __init__(self):
        super().__init__('ordo', gdb.COMMAND_STATUS, prefix=True)


class LoopCommand(gdb.Command):
    """All loops of the process: where they are, what they have run, and what is queued."""

    def __init__(self):
        super().__init__('ordo loop', gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        for pump in loops():
            heap = pump['scheduled_']['heap_']['_M_impl']
            timers = int(heap['_M_finish'] - heap['_M_start'])
            print(f"loop {int(pump['owner_']):#x}: {int(pump['iterations_'])} iterations, {int(pump['callbacks_'])} callbacks; "
                  f"{int(pump['tasks_alive'])} tasks, {length(pump['ready_']['head_'], 'next')} ready, {timers} scheduled, "
                  f"{int(pump['outstanding_'])} outstanding")


class TasksCommand(gdb.Command):
    """Every task, with what it waits for."""

    def __init__(self):
        super().__init__('ordo tasks', gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        names = Names()
        for task in all_tasks():
            try:
                print(headline(task, names))
            except gdb.error as error:  # the others are still to be seen
                print(f"{int(task['number_'])} cannot be read: {error}")


class BacktraceCommand(gdb.Command):
    """The coroutines of a task, the innermost first: ordo bt NAME-OR-NUMBER."""

    def __init__(self):
        super().__init__('ordo bt', gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        wanted = argument.strip()
        found = [task for task in all_tasks() if wanted in (name_of(task), str(int(task['number_'])))]
        if not found:
            raise gdb.GdbError(f"ordo bt: no task is '{wanted}'; ordo tasks lists all")
        names = Names()
        for task in found:
            print(headline(task, names))
            for depth, promise in enumerate(frames_of(task)):
                print(f"#{depth}  {place_of(promise['where_'])}")
            print(f"created at {place_of(task['created_'])}")


# -- printers

class FuturePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        state = pointer_in(self.value['state_'])
        if int(state) == 0:
            return 'empty'
        future = state.cast(gdb.lookup_type('ordo::detail::future_base').pointer()).dereference()
        kind = described(future) if bool(future['is_task_']) else 'a future'
        how = state_of(future)
        if how == 'finished' and int(future['exception_']['_M_exception_object']) != 0:
            how = 'failed'
        return f'{kind}, {how}'


class HandlePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        if int(self.value['node_']) == 0:
            return 'empty'
        node = self.value['node_'].dereference()
        flags = {field.name.rpartition('::')[2]: field.enumval
                 for field in gdb.lookup_type('ordo::detail::callback_node::flag').fields()}
        is_set = lambda flag: int(node['flags']) & flags[flag]
        how = 'cancelled' if is_set('cancelled') else 'has run' if is_set('started') else 'pending'
        return f"a callback, {how}, of {place_of(node['where'])}"


def printer_of(value):
    name = value.type.strip_typedefs().unqualified().name or ''
    if name in ('ordo::any_future', 'ordo::any_task') or name.startswith(('ordo::future<', 'ordo::task<')):
        return FuturePrinter(value)
    if name in ('ordo::handle', 'ordo::timer_handle'):
        return HandlePrinter(value)
    return None


printer_of.__name__ = 'ordo'
for make in OrdoCommand, LoopCommand, TasksCommand, BacktraceCommand:
    make()
gdb.printing.register_pretty_printer(None, printer_of, replace=True)
