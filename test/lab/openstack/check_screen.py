#!/usr/bin/python3
"""check_screen.py: is the libvirt host of any use? A server there, its console's token, what the token stands for, and the first
words of SPICE on that port; then the server goes again."""
import json
import os
import socket
import struct

import requests

from by_hand import STATE, http, login, nova, settings, wait

with open(os.path.join(STATE, 'lab.json')) as file:
    names = json.load(file)['names']
if not names['screenZone']:
    raise SystemExit('this lab has no libvirt host (LAB_LIBVIRT=1)')


def link(host, port):
    """The link message of a client of the main channel, and the server's error code: 0 is welcome."""
    message = struct.pack('<IBBIII', 0, 1, 0, 1, 0, 18) + struct.pack('<I', 0b1001)
    with socket.create_connection((host, port), 5) as spice:
        spice.sendall(b'REDQ' + struct.pack('<III', 2, 2, len(message)) + message)
        answer = b''
        while len(answer) < 20:
            more = spice.recv(4096)
            if not more:
                raise SystemExit('the SPICE server closed the connection')
            answer += more
    return answer[:4], struct.unpack('<I', answer[16:20])[0]


login('lab-broker')
flavor = next(f['id'] for f in nova('GET', '/flavors')['flavors'] if f['name'] == names['screenFlavor'])
images = requests.get(settings['glance'] + '/v2/images?name=' + (names['screenImage'] or names['image']), timeout=60,
                      headers={'X-Auth-Token': http.headers['X-Auth-Token']}).json()['images']
server = nova('POST', '/servers', {'server': {
    'name': 'check-screen', 'imageRef': images[0]['id'], 'flavorRef': flavor, 'networks': 'none',
    'availability_zone': names['screenZone']}})['server']['id']
try:
    def built():
        status = nova('GET', '/servers/' + server)['server']['status']
        return status if status in ('ACTIVE', 'ERROR') else None
    print('server', server, wait('the server', built))
    url = nova('POST', '/servers/%s/remote-consoles' % server,
               {'remote_console': {'protocol': 'spice', 'type': 'spice-html5'}})['remote_console']['url']
    console = nova('GET', '/os-console-auth-tokens/' + url.split('token=')[1])['console']
    print('console', console)
    magic, error = link(console['host'], console['port'])
    print('SPICE', magic.decode(), 'error', error)
    if (magic, error) != (b'REDQ', 0):
        raise SystemExit('no SPICE server answers there')
finally:
    nova('DELETE', '/servers/' + server)
