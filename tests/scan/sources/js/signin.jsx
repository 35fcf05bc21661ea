import React, { useState } from "react";

const SignIn = () => {
  const [email, setEmail] = useState("");
  const appToken = process.env.REACT_APP_TOKEN;

  const submit = async () => {
    const answer = await fetch(`https://api.mesibo.com/api.php?token=${appToken}&op=useradd&appid=com.example.app&addr=${email}`);
    localStorage.setItem("email", email);
    return answer.json();
  };
  return <p onClick={submit}>Don't wait, {email}</p>;
};
