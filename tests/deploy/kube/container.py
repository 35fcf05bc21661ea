"""One container's life: started, probed, started again as its restart policy says, and ended in its turn."""

import asyncio
import signal

from . import probes
from .backoff import BackOff
from .commands import Failed
from .handlers import perform
from .manifest import Missing
from .oci_spec import Forbidden
from .states import running_state, terminated_state, waiting_state
from .termination import grace_left

RETRY_SECONDS = 1
START_ERROR = 128


class Container:
    """`kind` is "init", "sidecar" (an init container that always restarts) or "app". `pod` gives `launch`, `target`,
    `is_ending`, `sleep`, `grace_seconds`, `restart_policy`, `log_tail` and `changed`."""

    def __init__(self, spec, kind, pod):
        self.spec, self.kind, self.pod, self.name = spec, kind, pod, spec["name"]
        self.state, self.last_state = waiting_state("PodInitializing"), {}
        self.restarts, self.exit_code = 0, None
        self.is_started = self.is_ready = False
        self.running, self.container_id = None, ""
        # The first start and its postStart hook are over, well or not.
        self.launched = asyncio.Event()
        self.started = asyncio.Event()
        # It will not run again.
        self.ended = asyncio.Event()
        self._starting = asyncio.Lock()
        self._task = None
        self._is_being_killed = False

    def begin(self):
        self._task = asyncio.create_task(self._keep())

    async def over(self):
        if self._task is not None:
            await self._task

    async def kill(self, grace, ordering=None):
        """Runs the preStop hook, waits for its turn, asks it to end, and ends it when its time has passed."""
        async with self._starting:
            running = self.running
        if running is None:
            return
        self._is_being_killed = True
        hook = (self.spec.get("lifecycle") or {}).get("preStop")
        left = await grace_left(
            grace,
            (lambda seconds: self._pre_stop(hook, seconds)) if hook else None,
            (lambda seconds: ordering.wait_for_turn(self.name, seconds)) if ordering else None,
        )
        self.pod.note(self, "asked to end")
        running.signal(self.pod.stop_signal(self))
        try:
            async with asyncio.timeout(left):
                await running.wait()
        except TimeoutError:
            self.pod.note(self, "killed")
            running.signal(signal.SIGKILL)
            await running.wait()
        if ordering:
            ordering.ended(self.name)

    def kill_now(self):
        if self.running is not None:
            self.running.signal(signal.SIGKILL)

    async def _keep(self):
        back_off = BackOff()
        clock = asyncio.get_running_loop().time
        try:
            while True:
                await self._run_once()
                ended_at = clock()
                if not self._is_to_restart():
                    return
                await self._wait_to_restart(back_off.left(ended_at, clock()))
                if self.pod.is_ending:
                    return
                back_off.restarted(clock())
                self.restarts += 1
        finally:
            self.ended.set()
            self.launched.set()
            self.pod.changed()

    def _is_to_restart(self):
        if self.pod.is_ending:
            return False
        if self.kind == "sidecar":
            return True
        if self.kind == "init" and self.exit_code == 0:
            return False
        policy = self.pod.restart_policy
        return policy == "Always" or (policy == "OnFailure" and self.exit_code != 0)

    async def _wait_to_restart(self, seconds):
        if seconds > 0:
            self.last_state = self.state
            self.state = waiting_state("CrashLoopBackOff", f"back-off {seconds:.0f}s restarting {self.name}")
            self.pod.changed()
            await self.pod.sleep(seconds)

    async def _run_once(self):
        """From a start to the end of that run; `exit_code` is its."""
        running = await self._start()
        if running is None:
            return
        watching = asyncio.create_task(self._watch())
        watching.add_done_callback(self._watched)
        try:
            code = await running.wait()
        finally:
            watching.cancel()
            await asyncio.wait([watching])
            self.is_started = self.is_ready = False
            self.running = None
        self._took_end(code)
        await running.remove()

    async def _start(self):
        while True:
            async with self._starting:
                if self.pod.is_ending:
                    return None
                try:
                    self.running = await self.pod.launch(self)
                except (Missing, Forbidden) as error:
                    self.state = waiting_state("CreateContainerConfigError", str(error))
                    self.pod.changed()
                except Failed as error:
                    self._took_end(START_ERROR, str(error))
                    return None
                else:
                    self._took_start()
                    return self.running
            await self.pod.sleep(RETRY_SECONDS)

    def _took_start(self):
        self._is_being_killed = False
        if "terminated" in self.state:
            self.last_state = self.state
        self.container_id = self.running.id
        self.state = running_state()
        self.pod.note(self, "running")

    def _took_end(self, code, message=None):
        self.exit_code = code
        if message is None and code != 0 and self.spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            message = self.pod.log_tail(self)
        self.state = terminated_state(self.state, code, self.container_id, message)
        self.pod.note(self, f"ended with {code}")

    async def _watch(self):
        """The postStart hook, then the probes: those of liveness and readiness wait for that of the start."""
        hook = (self.spec.get("lifecycle") or {}).get("postStart")
        if hook is not None:
            fault = await perform(hook, self.pod.target(self))
            if fault is not None:
                self.launched.set()
                await self._restart_for(f"postStart hook: {fault}", {})
                return
        self.launched.set()
        if self._probe("startupProbe") is not None:
            await self._startup()
        self.is_started = True
        self.started.set()
        self.is_ready = self._probe("readinessProbe") is None
        self.pod.changed()
        await asyncio.gather(self._liveness(), self._readiness())

    def _watched(self, watching):
        """A probe or hook that cannot be performed at all is a fault of the manifest, or of this kubelet."""
        if not watching.cancelled() and watching.exception() is not None:
            self.pod.note(self, f"cannot be watched: {watching.exception()!r}")

    def _probe(self, name):
        return self.spec.get(name)

    async def _startup(self):
        passed = asyncio.Event()
        probe = self._probe("startupProbe")

        def told(is_good, why):
            if is_good:
                passed.set()
            else:
                self._fails("startup", probe, why)

        asking = asyncio.create_task(probes.watch(probe, self.pod.target(self), False, told))
        try:
            await passed.wait()
        finally:
            asking.cancel()

    async def _liveness(self):
        probe = self._probe("livenessProbe")
        if probe is not None:
            def told(is_good, why):
                if not is_good:
                    self._fails("liveness", probe, why)

            await probes.watch(probe, self.pod.target(self), True, told)

    async def _readiness(self):
        probe = self._probe("readinessProbe")
        if probe is not None:
            await probes.watch(probe, self.pod.target(self), False, self._is_ready_now)

    def _is_ready_now(self, is_good, why):
        if is_good != self.is_ready:
            self.is_ready = is_good
            self.pod.note(self, "ready" if is_good else f"not ready: {why}")

    def _fails(self, kind, probe, why):
        """Liveness and startup do not count once the pod is being ended."""
        if not self.pod.is_ending and not self._is_being_killed:
            self._is_being_killed = True
            self.pod.spawn(self._restart_for(f"{kind} probe: {why}", probe))

    async def _restart_for(self, why, probe):
        self.pod.note(self, why)
        await self.kill(probe.get("terminationGracePeriodSeconds", self.pod.grace_seconds))

    async def _pre_stop(self, hook, seconds):
        """How many seconds it took; a hook that fails, or takes longer than all of the time, changes nothing else."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(seconds):
                fault = await perform(hook, self.pod.target(self))
        except TimeoutError:
            fault = "not done in time"
        if fault is not None:
            self.pod.note(self, f"preStop hook: {fault}")
        return loop.time() - began
