"""What stands in the cloud of the lab: furnish.py STATE identity | resources | zones. Safe to run again.

Reads STATE/settings.json. `resources` writes STATE/clouds.yaml and STATE/lab.json, which is what tests read.
"""
import json
import os
import secrets
import sys

import requests

STATE, STEP = sys.argv[1:3]
with open(os.path.join(STATE, 'settings.json')) as file:
    settings = json.load(file)
KEYSTONE = settings['keystone'] + '/v3'
NOVA = settings['nova'] + '/v2.1'
GLANCE = settings['glance'] + '/v2'
NEUTRON = settings['neutron'] + '/v2.0'
WORDS = settings['passwords']

http = requests.Session()
http.trust_env = False

#            user: {project: roles}
PEOPLE = {
    'admin': {'admin': ['admin'], 'desktops': ['admin'], 'tiny': ['admin']},
    'services': {'service': ['admin', 'service']},
    'hub': {'desktops': ['member']},
    'broker': {'desktops': ['member', 'vdi_broker']},
    'neighbour': {'desktops': ['member']},
    'tinyuser': {'tiny': ['member']},
}
#            credential: its owner, whose roles in `desktops` it has
CREDENTIALS = {'lab': 'hub', 'lab-admin': 'admin', 'lab-broker': 'broker', 'lab-neighbour': 'neighbour'}
FLAVORS = {
    'desk.small': {'vcpus': 1, 'ram': 512, 'disk': 1},
    'desk.screen': {'vcpus': 1, 'ram': 256, 'disk': 1},
    'desk.huge': {'vcpus': 4096, 'ram': 8388608, 'disk': 40},
}


def call(method, url, body=None, **headers):
    answer = http.request(method, url, json=body, headers=headers or None, timeout=120)
    if not answer.ok:
        raise SystemExit('%s %s: %s %s' % (method, url, answer.status_code, answer.text))
    is_json = answer.headers.get('content-type', '').startswith('application/json')
    return answer.json() if answer.content and is_json else {}


def login(user, project):
    """Speaks as this user from here on."""
    domain = {'id': 'default'}
    who = {'name': user, 'domain': domain, 'password': WORDS[user]}
    body = {'auth': {'identity': {'methods': ['password'], 'password': {'user': who}},
                     'scope': {'project': {'name': project, 'domain': domain}}}}
    answer = http.post(KEYSTONE + '/auth/tokens', json=body, timeout=60)
    answer.raise_for_status()
    http.headers['X-Auth-Token'] = answer.headers['X-Subject-Token']
    return answer.json()['token']


def ensure(url, many, one, name, body):
    """The thing of this name, made if it is not there."""
    for found in call('GET', '%s/%s?name=%s' % (url, many, name))[many]:
        if found['name'] == name:
            return found
    return call('POST', '%s/%s' % (url, many), {one: dict(body, name=name)})[one]


def identity():
    login('admin', 'admin')
    roles = {role for projects in PEOPLE.values() for names in projects.values() for role in names}
    projects = {project for projects in PEOPLE.values() for project in projects}
    role = {name: ensure(KEYSTONE, 'roles', 'role', name, {})['id'] for name in roles}
    project = {name: ensure(KEYSTONE, 'projects', 'project', name, {'domain_id': 'default'})['id'] for name in projects}
    for user, memberships in PEOPLE.items():
        made = ensure(KEYSTONE, 'users', 'user', user, {'domain_id': 'default', 'password': WORDS[user]})
        for where, names in memberships.items():
            for name in names:
                call('PUT', '%s/projects/%s/users/%s/roles/%s' % (KEYSTONE, project[where], made['id'], role[name]))
    endpoints()


def endpoints():
    kinds = {'placement': ('placement', settings['placement']), 'image': ('glance', settings['glance']),
             'network': ('neutron', settings['neutron']), 'compute': ('nova', NOVA)}
    services = {service['type']: service['id'] for service in call('GET', KEYSTONE + '/services')['services']}
    known = {(e['service_id'], e['interface']) for e in call('GET', KEYSTONE + '/endpoints')['endpoints']}
    for kind, (name, url) in kinds.items():
        service = services.get(kind) or call('POST', KEYSTONE + '/services', {
            'service': {'type': kind, 'name': name}})['service']['id']
        for face in ('public', 'internal', 'admin'):
            if (service, face) not in known:
                call('POST', KEYSTONE + '/endpoints', {'endpoint': {
                    'service_id': service, 'interface': face, 'url': url, 'region_id': settings['region']}})


def image(name, data, **more):
    found = [i for i in call('GET', GLANCE + '/images?name=' + name)['images'] if i['status'] == 'active']
    if found:
        return found[0]['id']
    about = {'name': name, 'disk_format': 'raw', 'container_format': 'bare', 'visibility': 'public'}
    made = call('POST', GLANCE + '/images', dict(about, **more))
    sent = http.put('%s/images/%s/file' % (GLANCE, made['id']), data=data,
                    headers={'Content-Type': 'application/octet-stream'}, timeout=120)
    sent.raise_for_status()
    return made['id']


def guest_image():
    """The example desktop: a kernel, a first file system, and an empty disk, because Nova boots from something."""
    folder = settings['guest']
    if not folder:
        return
    part = {}
    for file, kind in (('vmlinuz', 'aki'), ('initrd', 'ari')):
        with open(os.path.join(folder, file), 'rb') as data:
            part[file] = image('example-' + file, data, disk_format=kind, container_format=kind)
    image('example-desktop', b'\0' * 1048576, min_disk=1, kernel_id=part['vmlinuz'], ramdisk_id=part['initrd'],
          os_command_line='anyseat.name=openstack', hw_video_model='qxl')


def resources():
    login('admin', 'desktops')
    have = {flavor['name'] for flavor in call('GET', NOVA + '/flavors')['flavors']}
    for name, size in FLAVORS.items():
        if name not in have:
            call('POST', NOVA + '/flavors', {'flavor': dict(size, name=name)})
    image('desk-image', b'\0' * 1048576, min_disk=1)
    guest_image()
    network = ensure(NEUTRON, 'networks', 'network', 'desk-net', {'shared': True})
    ensure(NEUTRON, 'subnets', 'subnet', 'desk-subnet', {
        'network_id': network['id'], 'ip_version': 4, 'cidr': '10.77.0.0/16', 'enable_dhcp': False})
    tiny = call('GET', KEYSTONE + '/projects?name=tiny')['projects'][0]['id']
    call('PUT', '%s/os-quota-sets/%s' % (NOVA, tiny), {'quota_set': {'instances': 1, 'cores': 4, 'ram': 2048}})
    write_clouds()
    about = {key: settings[key] for key in ('region', 'libvirt', 'hosts')}
    about['names'] = {
        'image': 'desk-image', 'flavor': 'desk.small', 'hugeFlavor': 'desk.huge', 'network': 'desk-net',
        'screenImage': 'example-desktop' if settings['guest'] else None, 'screenFlavor': 'desk.screen',
        'screenZone': 'virt' if settings['libvirt'] else None}
    write('lab.json', json.dumps(about, indent=1))


def write_clouds():
    """Every credential of the lab in one clouds.yaml. What is kept between two runs are the application credentials."""
    kept = os.path.join(STATE, 'credentials.json')
    made = json.load(open(kept)) if os.path.exists(kept) else {}
    for name, owner in CREDENTIALS.items():
        if name not in made:
            made[name] = credential(name, owner)
            write('credentials.json', json.dumps(made))
    by_credential = {name: cloud('v3applicationcredential', {
        'application_credential_id': one['id'], 'application_credential_secret': one['secret']})
        for name, one in made.items()}
    clouds = dict(
        by_credential,
        **{'lab-short': short(by_credential['lab']),
           'lab-password': cloud('v3password', password('hub', 'desktops')),
           'lab-tiny': cloud('v3password', password('tinyuser', 'tiny')),
           'lab-elsewhere': cloud('v3password', password('admin', 'admin'))})
    write('clouds.yaml', json.dumps({'clouds': clouds}, indent=1))


def credential(name, owner):
    who = login(owner, 'desktops')
    url = '%s/users/%s/application_credentials' % (KEYSTONE, who['user']['id'])
    for old in call('GET', url)['application_credentials']:
        if old['name'] == name:
            call('DELETE', '%s/%s' % (url, old['id']))
    secret = secrets.token_urlsafe(24)
    roles = [{'name': role} for role in PEOPLE[owner]['desktops']]
    body = {'application_credential': {'name': name, 'secret': secret, 'roles': roles}}
    return {'id': call('POST', url, body)['application_credential']['id'], 'secret': secret}


def password(user, project):
    return {'username': user, 'password': WORDS[user], 'project_name': project,
            'user_domain_name': 'Default', 'project_domain_name': 'Default'}


def cloud(kind, auth):
    return {'auth_type': kind, 'auth': dict(auth, auth_url=KEYSTONE), 'region_name': settings['region'],
            'interface': 'public', 'identity_api_version': 3}


def short(like):
    """The same, whose tokens live for five seconds."""
    return dict(like, auth=dict(like['auth'], auth_url=settings['keystoneShort'] + '/v3'))


def zones():
    """Fake hosts are zone az1, the libvirt host is zone virt: Nova's default zone would not keep servers off the others."""
    login('admin', 'desktops')
    aggregates = {a['name']: a for a in call('GET', NOVA + '/os-aggregates')['aggregates']}
    services = call('GET', NOVA + '/os-services?binary=nova-compute')['services']
    for zone, prefix in (('az1', 'lab'), ('virt', 'virt')):
        hosts = [service['host'] for service in services if service['host'].startswith(prefix)]
        if not hosts:
            continue
        aggregate = aggregates.get(zone) or call('POST', NOVA + '/os-aggregates', {
            'aggregate': {'name': zone, 'availability_zone': zone}})['aggregate']
        for host in hosts:
            if host not in aggregate.get('hosts', []):
                call('POST', '%s/os-aggregates/%s/action' % (NOVA, aggregate['id']), {'add_host': {'host': host}})


def write(name, text):
    path = os.path.join(STATE, name)
    with open(path + '.new', 'w') as file:
        file.write(text + '\n')
    os.replace(path + '.new', path)


{'identity': identity, 'resources': resources, 'zones': zones}[STEP]()
