"""The unit mesigate.service in a booted Debian 12: its rights, its reload, its secrets, its ends."""

import json
import re
import resource
import time

import ledger
import setting
from machine import holds, until

# Ten times the figure that systemd-analyze shows.
MOST_EXPOSURE = 15
BROKEN = '[listen]\naddress = "127.0.0.1:8080"\nadress = "127.0.0.1:8080"\n'


def systemd_finds_nothing_to_say_about_the_unit(machine):
    verify = "systemd-analyze verify --man=no"
    told = machine.run(f"{verify} mesigate.service", may_fail=True)
    holds(told.stdout + told.stderr == "", "systemd-analyze verify is silent", told.stdout + told.stderr)
    # It ends with 0 whatever it finds, so its words are looked at; that it has some for a fault is seen here.
    misspelt = "sed s/^Restart=/Restarts=/ /lib/systemd/system/mesigate.service >/tmp/misspelt.service"
    told = machine.run(f"{misspelt}; {verify} /tmp/misspelt.service", may_fail=True)
    holds("Restarts" in told.stderr, "it names a misspelt key", told.stderr)


def the_exposure_is_low_as_written_and_as_it_runs(machine):
    for way in ("--offline=true /lib/systemd/system/mesigate.service", "mesigate.service"):
        told = machine.run(f"systemd-analyze security --threshold={MOST_EXPOSURE} {way}", may_fail=True)
        holds(told.returncode == 0, f"the exposure is {MOST_EXPOSURE / 10} at most", told.stdout[-200:])
        print(f"   {told.stdout.strip().splitlines()[-1]}")


def a_stop_has_the_time_that_the_settings_give_it(machine):
    shown = machine.run("mesigate check --show --config /etc/mesigate/mesigate.toml").stdout
    seconds = sum(setting.seconds(shown, key) for key in ("stop.announce", "stop.linger", "deadline.drain"))
    allowed = setting.span(machine.show("TimeoutStopUSec"))
    holds(seconds + 5 <= allowed, f"TimeoutStopSec is 5 s more than {seconds} s", allowed)


def it_runs_as_a_passing_user_that_may_do_nothing(machine):
    process = machine.process()
    status = dict(re.findall(r"^(\w+):\s*(.*)$", machine.run(f"cat /proc/{process}/status").stdout, re.M))
    holds(61184 <= int(status["Uid"].split()[0]) <= 65519, "its user is a dynamic one", status["Uid"])
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        holds(int(status[name], 16) == 0, f"{name} is empty", status[name])
    holds(status["NoNewPrivs"] == "1", "it can get no new rights", status["NoNewPrivs"])
    holds(status["Seccomp"] == "2", "its system calls are filtered", status["Seccomp"])
    limits = machine.run(f"cat /proc/{process}/limits").stdout
    soft, hard = re.search(r"Max open files\s+(\d+)\s+(\d+)", limits).groups()
    # A container's own bound may be below the unit's.
    most = min(524288, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    holds(soft == hard == str(most), f"it may open {most} files", (soft, hard))


def what_it_keeps_is_seen_by_it_and_root_alone(machine):
    with machine.upstream():
        setting.serve(machine, more=ledger.SETTING)
        ledger.call(machine, 1)
        ledger.until_kept(machine)
        user = re.search(r"^Uid:\s*(\d+)", machine.run(f"cat /proc/{machine.process()}/status").stdout, re.M)[1]
        seen = machine.run(f"stat --format '%a %u' /var/lib/private /var/lib/mesigate/ {ledger.FILE}").stdout.splitlines()
    holds(seen == ["700 0", f"700 {user}", f"600 {user}"], "folder and file are its own", (user, seen))


def the_ledger_outlives_a_restart_and_a_crash(machine):
    with machine.upstream():
        ledger.call(machine, 2)
        before = ledger.until_kept(machine)
        machine.run("systemctl restart mesigate")
        holds(ledger.clients(machine) == before, "the numbers are the same after a restart", ledger.clients(machine))
        # No time to write: what the next one finds is what was on the disk.
        process = machine.process()
        machine.run(f"kill -KILL {process}")
        until("another process serves", lambda: machine.process() not in (0, process) and machine.is_ready())
        holds(ledger.clients(machine) == before, "they are after a crash", ledger.clients(machine))
    machine.run("systemctl restart mesigate")


def settings_without_a_file_for_the_ledger_are_served_as_before(machine):
    kept = ledger.kept(machine)
    setting.serve(machine)
    holds("mesigate_ledger_failing 0" in machine.get("http://127.0.0.1:18090/metrics"), "nothing fails")
    machine.get("http://127.0.0.1:8080/api.php?op=none&token=x")
    machine.run("systemctl restart mesigate")
    holds(ledger.clients(machine) == {}, "it counts in memory, from nothing", ledger.clients(machine))
    holds(ledger.kept(machine) == kept, "the file from before is as it was")


def the_thread_that_writes_the_log_is_nicer(machine):
    seen = machine.run(f"cat /proc/{machine.process()}/task/*/stat").stdout
    nices = {int(line.rpartition(")")[2].split()[16]) for line in seen.splitlines()}
    holds(nices == {0, 10}, "one is at 10 and the others at 0", nices)


def status_says_what_it_does(machine):
    told = machine.run("systemctl status mesigate").stdout
    holds(re.search(r'Status: ".+"', told), "systemctl status has a line of the gateway's own", told)


def an_old_request_reaches_an_upstream_by_its_name(machine):
    # The sandbox's name is known to a name server alone, which the static program asks through the C library.
    with machine.upstream():
        holds("chat.example.com" not in machine.read("/etc/hosts"), "the name is in no file")
        setting.serve(machine, upstream="http://chat.example.com:8081/backend/")
        answer = machine.get("http://127.0.0.1:8080/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app")
        holds(json.loads(answer)["user"]["address"] == "ana", "the user is made", answer)


def good_settings_are_in_use_after_a_reload(machine):
    process = machine.process()
    setting.serve(machine, more='[legacy]\nstatus = "http"\n', way="reload")
    status = machine.get("http://127.0.0.1:8080/api.php?op=none&token=x", "--output /dev/null --write-out '%{http_code}'")
    holds(status == "400", "refusals have real status codes", status)
    holds(machine.process() == process, "it is the same process")
    setting.serve(machine, way="reload")


def a_reload_of_broken_settings_fails_and_the_gateway_goes_on(machine):
    since, process = machine.cursor(), machine.process()
    machine.write("/etc/mesigate/mesigate.toml", BROKEN)
    holds(machine.run("systemctl reload mesigate", may_fail=True).returncode != 0, "the reload fails")
    holds(machine.is_ready() and machine.process() == process, "it serves on")
    holds(machine.show("ActiveState") == "active", "the unit is active", machine.show("ActiveState"))
    told = machine.journal(since)
    for words in ("/etc/mesigate/mesigate.toml:3", "`listen.adress`", "did you mean `address`"):
        holds(words in told, f"the journal names {words}", told)


def a_reload_that_needs_a_start_fails_and_says_so(machine):
    since = machine.cursor()
    setting.write(machine, more="workers = 3\n")
    holds(machine.run("systemctl reload mesigate", may_fail=True).returncode != 0, "the reload fails")
    holds(machine.is_ready(), "it serves on")
    told = machine.journal(since)
    holds("listen.workers" in told and "start" in told, "the journal names the setting", told)


def settings_that_cannot_be_served_end_the_unit_once_and_for_all(machine):
    since = machine.cursor()
    machine.write("/etc/mesigate/mesigate.toml", BROKEN)
    holds(machine.run("systemctl restart mesigate", may_fail=True).returncode != 0, "the start fails")
    until("the unit has failed", lambda: machine.show("ActiveState") == "failed")
    holds(machine.show("NRestarts") == "0", "it was not tried again", machine.show("NRestarts"))
    sentence = "/etc/mesigate/mesigate.toml:3: `listen.adress`: is not a setting; did you mean `address`?"
    until("the journal has the sentence, as an error", lambda: sentence in machine.journal(since, "--output cat --priority err"))
    setting.write(machine)
    machine.run("systemctl start mesigate")
    holds(machine.is_ready(), "it serves as soon as the settings are mended")


def a_token_by_load_credential_is_used_and_never_seen(machine):
    token, key = "sandbox-5b1f0c7e2d9a4866", "key-of-the-client-1"
    machine.write("/etc/mesigate/chat-token", token)
    machine.run("chmod 600 /etc/mesigate/chat-token")
    machine.drop_in("[Service]\nLoadCredential=chat-token:/etc/mesigate/chat-token\n")
    with machine.upstream():
        setting.serve(machine, apps=setting.app(machine, "$CREDENTIALS_DIRECTORY/chat-token", key))
        setting.make_user(machine, key, token, "bea")
        machine.run("systemctl reload mesigate")
    seen = machine.run("systemctl show mesigate; systemctl status mesigate; systemctl cat mesigate").stdout
    seen += machine.run(f"tr '\\0' '\\n' </proc/{machine.process()}/environ").stdout + machine.journal(options="--output verbose")
    holds(token not in seen and token[8:] not in seen, "the token is in no unit, environment and journal")
    machine.drop_in(None)
    machine.run("rm /etc/mesigate/chat-token")


def a_token_in_the_folder_of_secrets_is_changed_without_a_restart(machine):
    place, key = "/etc/mesigate/secrets/chat-token", "key-of-the-client-2"
    put = "umask 077; printf %s {0} >{1}.new; chmod 640 {1}.new; mv {1}.new {1}"
    first, second = "sandbox-first-c0ffee5bad", "sandbox-second-5eed5eed"
    machine.run(put.format(first, place))
    with machine.upstream():
        setting.serve(machine, more='[keys]\ninterval = "200ms"\n', apps=setting.app(machine, place, key))
        process = machine.process()
        setting.make_user(machine, key, first, "cleo")
        machine.run(put.format(second, place))
        until("the new token is used", lambda: setting.has_user(machine, key, second, "dora"))
    holds(machine.process() == process and machine.show("NRestarts") == "0", "it is the same process")
    readers = machine.run(f"stat --format '%a %U %G' {place} /etc/mesigate/secrets").stdout.splitlines()
    holds(readers == ["640 root mesigate-secrets", "2750 root mesigate-secrets"], "only root and the group read it", readers)
    machine.run(f"rm {place}")
    setting.serve(machine)


def the_journal_has_a_json_line_for_each_request(machine):
    since = machine.cursor()
    machine.get("http://127.0.0.1:8080/api.php?op=none&token=x")
    machine.get("http://127.0.0.1:8080/api.php?op=nothing&token=x")
    lines = until(
        "two requests have lines",
        lambda: [line for line in machine.journal(since, "--output json").splitlines() if "/api.php" in line][1:],
    )
    entry = json.loads(lines[0])
    request = json.loads(entry["MESSAGE"])
    holds(request["path"] == "/api.php" and request["door"] == "legacy", "the message is the request's line", request)
    holds(entry["PRIORITY"] == "6", "it has the priority of information", entry["PRIORITY"])
    holds(entry["SYSLOG_IDENTIFIER"] == "mesigate", "it has the gateway's name", entry["SYSLOG_IDENTIFIER"])


def what_needs_attention_has_its_priority_in_the_journal(machine):
    since = machine.cursor()
    # Nobody listens there.
    setting.serve(machine, upstream="http://127.0.0.1:9/backend/", more="[breaker]\nfailures = 1\n", way="reload")
    machine.get("http://127.0.0.1:8080/api.php?op=userdel&token=sandbox&uid=1")
    warnings = until("there is a warning", lambda: machine.journal(since, "--output cat --priority warning"))
    holds(all(json.loads(line)["level"] in ("WARN", "ERROR") for line in warnings.splitlines()), "they are warnings", warnings)
    setting.serve(machine, way="reload")


def a_process_that_is_killed_is_started_again(machine):
    process = machine.process()
    machine.run(f"kill -KILL {process}")
    until("another process serves", lambda: machine.process() not in (0, process) and machine.is_ready())
    holds(machine.show("NRestarts") == "1", "systemd has started it", machine.show("NRestarts"))


def a_process_that_stands_still_is_started_again(machine):
    machine.drop_in("[Service]\nWatchdogSec=2s\n")
    machine.run("systemctl restart mesigate")
    process, since = machine.process(), machine.cursor()
    time.sleep(5)  # Two and a half times the watchdog's time: one that lives is left alone.
    holds(machine.process() == process, "a gateway that lives is left alone")
    machine.run(f"kill -STOP {process}")
    until("another process serves", lambda: machine.process() not in (0, process) and machine.is_ready())
    holds("atchdog timeout" in machine.journal(since), "it was the watchdog", machine.journal(since))
    machine.drop_in(None)
    machine.run("systemctl restart mesigate")


def a_stop_under_load_loses_no_request(machine):
    with machine.upstream():
        # As shipped: announced for two seconds, and one to linger.
        setting.serve(machine, hurry=False)
        with machine.load() as load:
            machine.run("systemctl stop mesigate")
            holds(machine.show("Result") == "success", "the unit has ended well", machine.show("Result"))
            holds(machine.show("ExecMainStatus") == "0", "its exit code is 0", machine.show("ExecMainStatus"))
    holds(load.counts["lost"] == 0 and load.counts["answered"] > 100, "no request is lost", load.counts)
    print(f"   stopped under load: {load}")
    setting.serve(machine)
