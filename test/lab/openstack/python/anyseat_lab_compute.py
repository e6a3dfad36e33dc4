"""nova-compute with Nova's own fake driver, and what a test wants to provoke (no file of Nova is changed):

* metadata `lab_delay` on a server: so many seconds in BUILD; `lab_fault`: its build fails with these words
* STATE/spice.json, {"<uuid>" | "*": {"host", "port", "tlsPort"}}: where displays are
* STATE/off/<uuid>: the guest looks shut down; Nova notices within a minute
"""
import json
import os

import eventlet
from nova import exception
from nova.cmd.compute import main  # noqa: F401  (what the lab runs)
from nova.compute import power_state
from nova.console import type as console
from nova.scheduler.client import report
from nova.virt import fake, hardware

STATE = os.environ['LAB_STATE']
Driver = fake.FakeDriver
spawn_as_nova_does = Driver.spawn
look_as_nova_does = Driver.get_info
console_as_nova_does = Driver.get_spice_console

# Zed asks Placement about every server of the host for each build, which only PCI devices need: 2.5 s a server at 200.
report.SchedulerReportClient.get_allocations_for_provider_tree = lambda self, context, node: {}


def spawn(self, context, instance, *args, **kwargs):
    wishes = instance.metadata or {}
    if wishes.get('lab_delay'):
        eventlet.sleep(float(wishes['lab_delay']))
    if wishes.get('lab_fault'):
        raise exception.InstanceDeployFailure(reason=wishes['lab_fault'])
    return spawn_as_nova_does(self, context, instance, *args, **kwargs)


def get_info(self, instance, use_cache=True):
    if os.path.exists(os.path.join(STATE, 'off', instance.uuid)):
        return hardware.InstanceInfo(state=power_state.SHUTDOWN)
    return look_as_nova_does(self, instance, use_cache)


def get_spice_console(self, context, instance):
    try:
        with open(os.path.join(STATE, 'spice.json')) as file:
            displays = json.load(file)
    except (OSError, ValueError):
        displays = {}
    found = displays.get(instance.uuid) or displays.get('*')
    if not found:
        return console_as_nova_does(self, context, instance)
    return console.ConsoleSpice(
        host=found['host'], port=found.get('port'), tlsPort=found.get('tlsPort'), internal_access_path=None)


def resume_state_on_host_boot(self, context, instance, network_info, block_device_info=None):
    """The fake driver forgets its guests with its process; real ones do not."""
    self.instances[instance.uuid] = fake.FakeInstance(instance.name, power_state.RUNNING, instance.uuid)


Driver.spawn = spawn
Driver.get_info = get_info
Driver.get_spice_console = get_spice_console
Driver.resume_state_on_host_boot = resume_state_on_host_boot
