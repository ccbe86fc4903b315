// SurveyJS's own library as a judge. A line in: {"survey": {...}, "answers": [{question: value}, ...]}. A line out:
// {"errors": [what the library says about the survey], "walks": [[[names of the questions on a page], ...], ...],
// "stopped": [what kept a walk from its end]}. A walk answers what is visible, page by page, as a person would.
"use strict";

const readline = require("readline");
const { Model } = require("survey-core");

const walk = (survey, answers) => {
  const model = new Model(survey);
  const pages = [];
  let stopped = "";
  while (model.state === "running" && !stopped) {
    const asked = model.currentPage.questions.filter((question) => question.isVisible);
    pages.push(asked.map((question) => question.name));
    asked.forEach((question) => {
      if (question.name in answers) question.value = answers[question.name];
      if (`${question.name}-Comment` in answers) question.comment = answers[`${question.name}-Comment`];
    });
    const moved = model.isLastPage ? model.completeLastPage() : model.nextPage();
    if (!moved) stopped = asked.flatMap((question) => question.errors.map((error) => `${question.name}: ${error.text}`)).join("; ") || "?";
  }
  return { pages, stopped };
};

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { survey, answers } = JSON.parse(line);
  const model = new Model(survey);
  const errors = (model.jsonErrors || []).map((error) => error.message);
  const walks = answers.map((given) => walk(survey, given));
  const titles = Object.fromEntries(model.getAllQuestions().map((question) => [question.name, question.title]));
  process.stdout.write(`${JSON.stringify({
    errors, titles, walks: walks.map((one) => one.pages), stopped: walks.map((one) => one.stopped),
  })}\n`);
});
