import subprocess
subprocess.run(['useradd', '--system', user], check=True)
params = {'op': 'userdel', 'userid': 5}
