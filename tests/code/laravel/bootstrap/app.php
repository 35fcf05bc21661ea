<?php

// What a Laravel project's bootstrap/app.php does, as far as a call needs it: a container in which the facade Http
// finds Laravel's own client.

use Illuminate\Http\Client\Factory;
use Illuminate\Support\Facades\Facade;

return new class implements ArrayAccess {
    public function make($kernel)
    {
        return $this;
    }

    public function bootstrap()
    {
        Facade::setFacadeApplication($this);
    }

    public function offsetExists($name): bool
    {
        return $name === Factory::class;
    }

    #[ReturnTypeWillChange]
    public function offsetGet($name)
    {
        return new Factory();
    }

    public function offsetSet($name, $value): void
    {
    }

    public function offsetUnset($name): void
    {
    }
};
