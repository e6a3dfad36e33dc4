"""A small client of the lab for people: speaks to it without a line of Anyseat, so that an error is either ours or not."""
import json
import os
import sys
import time

import requests

STATE = os.environ.get('ANYSEAT_LAB') or sys.exit('ANYSEAT_LAB is not set; . STATE/env')
with open(os.path.join(STATE, 'settings.json')) as file:
    settings = json.load(file)
with open(os.path.join(STATE, 'clouds.yaml')) as file:
    clouds = json.load(file)['clouds']
NOVA = settings['nova'] + '/v2.1'

http = requests.Session()
http.trust_env = False


def login(cloud):
    """Speaks with this application credential from here on."""
    auth = clouds[cloud]['auth']
    credential = {'id': auth['application_credential_id'], 'secret': auth['application_credential_secret']}
    answer = http.post(auth['auth_url'] + '/auth/tokens', timeout=60, json={'auth': {'identity': {
        'methods': ['application_credential'], 'application_credential': credential}}})
    answer.raise_for_status()
    http.headers['X-Auth-Token'] = answer.headers['X-Subject-Token']


def nova(method, path, body=None, version='2.90'):
    answer = http.request(method, NOVA + path, json=body, timeout=120,
                          headers={'OpenStack-API-Version': 'compute ' + version})
    if not answer.ok:
        raise SystemExit('%s %s: %s %s' % (method, path, answer.status_code, answer.text))
    return answer.json() if answer.content else {}


def wait(what, look, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(0.5)
    raise SystemExit('waited in vain for ' + what)
