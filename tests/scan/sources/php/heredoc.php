<?php
$body = <<<FORM
op=userset&token=$token&uid=$user[uid]&flag=3
FORM;
post_to_mesibo($body);
$manual = <<<'TEXT'
Say nothing of what a text tells: it has no calls.
TEXT;
