<?php
echo "<a href='cal_user.php?op=userdel&userid=" . $id . "'>Yes</a>";
echo '<a href="cal_adduser.php?op=adduser">Add new user</a>';
header('Location: index.php?op=message&id=' . $id);
